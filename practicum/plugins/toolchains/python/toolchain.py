"""The pipeline for Python plugins, from a folder to a wheel that may be used."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from practicum.api.model import Model
from practicum.plugins.dependencies.advisories import Advisories
from practicum.plugins.dependencies.policy import DependencyPolicy
from practicum.plugins.pipeline.cache import default_cache, sweep
from practicum.plugins.pipeline.environment import Environments
from practicum.plugins.pipeline.libraries import RUNTIME, TESTING, library
from practicum.plugins.pipeline.result import OnPhase, PipelineResult
from practicum.plugins.pipeline.room import LIMITS, Rooms
from practicum.plugins.pipeline.snapshot import take
from practicum.plugins.pipeline.tools import versions
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import scaffold
from practicum.plugins.toolchains.python.iteration import Iteration, Settings
from practicum.sandbox.detect import pick


class PythonToolchain:
    """See `practicum.plugins.pipeline.result.Toolchain`.

        from practicum.plugins.toolchains.python import PythonToolchain
        result = await PythonToolchain().check(folder, spec, on_phase)

    One object serves many checks, also at once. The wheel of a check that built one is left in `folder/dist`.
    """

    name = "python"

    def __init__(
        self,
        cache: Path | None = None,
        *,
        policy: DependencyPolicy | None = None,
        reviewer: Model | None = None,
        download: bool = True,
        least_coverage: float = 50.0,
        seconds: float = LIMITS.wall_s,
    ) -> None:
        """Settings that all its checks have in common.

        `cache` is kept between iterations and shared by all plugins; by default `$XDG_CACHE_HOME/practicum/plugins`.
        `policy`: which dependencies are allowed, and where advisories are looked up.
        `reviewer`: the model that reviews; without one that check is `skipped`.
        `download`: whether uv may fetch wheels of dependencies that its cache does not have from the user's index.
        `least_coverage`: per cent of the plugin's lines that its tests must run.
        `seconds`: how long one execution of its code may take.
        """
        chosen = policy or DependencyPolicy()
        kept = cache or default_cache()
        self._settings = Settings(
            cache=kept,
            policy=chosen,
            advisories=Advisories(chosen),
            environments=Environments(kept, download=download),
            reviewer=reviewer,
            download=download,
            least_coverage=least_coverage,
            limits=replace(LIMITS, wall_s=seconds),
        )

    def scaffold(self, spec: PluginSpecification) -> dict[str, str]:
        """The files that every Python plugin has before any model wrote one: path to text."""
        return scaffold(spec)

    async def check(self, folder: Path, spec: PluginSpecification, on_phase: OnPhase) -> PipelineResult:
        """Build, lint, test and validate what lies in `folder`; whatever executes code of the plugin is in a sandbox.

        The code below `src` is formatted first, in `folder` too.

        Raises:
            MissingExtraError: a tool of the pipeline is not installed.
            InfrastructureError: the sandbox, or a tool, does not work. Never for a bad plugin.
        """
        began = time.monotonic()
        versions()
        rooms = Rooms(await pick(), self._settings.cache, self._settings.limits)
        await asyncio.to_thread(self._warm)
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="practicum-plugin-"))
        scratch.chmod(0o755)
        try:
            snapshot = await asyncio.to_thread(take, folder, scratch / "source")
            iteration = Iteration(self._settings, rooms, snapshot, spec, scratch, folder, on_phase)
            artifact = await iteration.run()
            return PipelineResult(tuple(iteration.phases), artifact, time.monotonic() - began)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True))

    def _warm(self) -> None:
        library(self._settings.cache, RUNTIME)
        library(self._settings.cache, TESTING)
        sweep(self._settings.cache)
