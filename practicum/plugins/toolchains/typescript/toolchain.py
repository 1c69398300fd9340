"""The pipeline for plugins of elizaOS, from a folder to a package that npm can install."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from practicum.api.model import Model
from practicum.plugins.pipeline.cache import default_cache, sweep
from practicum.plugins.pipeline.result import OnPhase, PipelineResult
from practicum.plugins.pipeline.room import Rooms
from practicum.plugins.pipeline.snapshot import take
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.iteration import Iteration
from practicum.plugins.toolchains.typescript.modules import Modules
from practicum.plugins.toolchains.typescript.programs import program
from practicum.plugins.toolchains.typescript.room import LIMITS, NodeRooms
from practicum.plugins.toolchains.typescript.templates import scaffold
from practicum.sandbox.detect import pick


def _to_errors(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class TypeScriptToolchain:
    """See `practicum.plugins.pipeline.result.Toolchain`.

        from practicum.plugins.toolchains.typescript import TypeScriptToolchain
        result = await TypeScriptToolchain().check(folder, spec, on_phase)

    One object serves many checks, also at once. The package of a check that built one is left in `folder/dist`.
    """

    name = "typescript"

    def __init__(
        self,
        cache: Path | None = None,
        *,
        reviewer: Model | None = None,
        download: bool = True,
        least_coverage: float = 50.0,
        seconds: float = LIMITS.wall_s,
        progress: Callable[[str], None] = _to_errors,
    ) -> None:
        """Settings that all its checks have in common.

        `cache` is kept between iterations and shared by all plugins; by default `$XDG_CACHE_HOME/practicum/plugins`.
        `reviewer`: the model that reviews; without one that check is `skipped`.
        `download`: whether npm may fetch the packages that plugins are built with, when they are not there.
        `least_coverage`: per cent of the plugin's lines that its tests must run.
        `seconds`: how long one execution may take.
        `progress`: told in one line when something begins that takes long; by default on standard errors.
        """
        self._cache = cache or default_cache()
        self._reviewer, self._least_coverage = reviewer, least_coverage
        self._limits = replace(LIMITS, wall_s=seconds)
        self._modules = Modules(self._cache, progress, download=download)

    def scaffold(self, spec: PluginSpecification) -> dict[str, str]:
        """The files that every plugin has before any model wrote one: path to text."""
        return scaffold(spec)

    async def prepare(self) -> Path:
        """Install what plugins are built with, if it is not there yet: about 30 s, once. Gives the folder.

        Raises:
            InfrastructureError: node or npm is missing or too old, or no registry can be reached.
        """
        return await self._modules.folder()

    async def check(self, folder: Path, spec: PluginSpecification, on_phase: OnPhase) -> PipelineResult:
        """Build, lint, test and validate what lies in `folder`; whatever executes code of the plugin is in a sandbox.

        Raises:
            InfrastructureError: node, npm, the packages or the sandbox are not there. Never for a bad plugin.
        """
        modules = await self.prepare()
        began = time.monotonic()
        node = await asyncio.to_thread(program("node").resolve)
        rooms = NodeRooms(Rooms(await pick(), self._cache), node, modules, self._limits)
        await asyncio.to_thread(sweep, self._cache)
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="practicum-plugin-"))
        scratch.chmod(0o755)
        try:
            snapshot = await asyncio.to_thread(take, folder, scratch / "source")
            iteration = Iteration(
                rooms, snapshot, spec, scratch, folder, on_phase,
                reviewer=self._reviewer, least_coverage=self._least_coverage,
            )  # fmt: skip
            artifact = await iteration.run()
            return PipelineResult(tuple(iteration.phases), artifact, time.monotonic() - began)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True))
