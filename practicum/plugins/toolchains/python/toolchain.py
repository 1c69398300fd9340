"""The pipeline for Python plugins, from a folder to a wheel that may be used."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from practicum.plugins.pipeline.cache import default_cache, sweep
from practicum.plugins.pipeline.checking import Clock
from practicum.plugins.pipeline.components import check_components
from practicum.plugins.pipeline.environment import Dependencies, DependencyError, Environments
from practicum.plugins.pipeline.libraries import RUNTIME, TESTING, library
from practicum.plugins.pipeline.result import (
    CheckResult,
    OnPhase,
    PhaseName,
    PhaseResult,
    PipelineResult,
    Problem,
)
from practicum.plugins.pipeline.room import LIMITS, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot, take
from practicum.plugins.pipeline.tools import versions
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import scaffold
from practicum.plugins.toolchains.python.lint import lint
from practicum.plugins.toolchains.python.testing import check_tests
from practicum.plugins.toolchains.python.types import check_types
from practicum.plugins.toolchains.python.wheel import Wheel, build
from practicum.sandbox.detect import pick


class PythonToolchain:
    """See `practicum.plugins.pipeline.result.Toolchain`.

        from practicum.plugins.toolchains.python import PythonToolchain
        result = await PythonToolchain().check(folder, spec, on_phase)

    One object serves many checks, also at once. The wheel of a check that built one is left in `folder/dist`.
    """

    name = "python"

    def __init__(self, cache: Path | None = None, *, download: bool = True, least_coverage: float = 50.0) -> None:
        """`cache` is kept between iterations and shared by all plugins; by default `$XDG_CACHE_HOME/practicum/plugins`.

        `download`: whether uv may fetch wheels of dependencies that its cache does not have from the user's index.
        `least_coverage`: per cent of the plugin's lines that its tests must run.
        """
        self._cache = cache or default_cache()
        self._environments = Environments(self._cache, download=download)
        self._least_coverage = least_coverage

    def scaffold(self, spec: PluginSpecification) -> dict[str, str]:
        """The files that every Python plugin has before any model wrote one: path to text."""
        return scaffold(spec)

    async def check(self, folder: Path, spec: PluginSpecification, on_phase: OnPhase) -> PipelineResult:
        """Build, lint, test and validate what lies in `folder`; whatever executes code of the plugin is in a sandbox.

        Raises:
            MissingExtraError: a tool of the pipeline is not installed.
            InfrastructureError: the sandbox, or a tool, does not work. Never for a bad plugin.
        """
        versions()
        rooms = Rooms(await pick(), self._cache, LIMITS)
        await asyncio.to_thread(self._warm)
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="practicum-plugin-"))
        scratch.chmod(0o755)
        try:
            snapshot = await asyncio.to_thread(take, folder, scratch / "source")
            return await _Check(self, rooms, snapshot, spec, scratch, folder, on_phase).run()
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True))

    def _warm(self) -> None:
        library(self._cache, RUNTIME)
        library(self._cache, TESTING)
        sweep(self._cache)


class _Check:
    """One iteration."""

    def __init__(
        self,
        toolchain: PythonToolchain,
        rooms: Rooms,
        snapshot: Snapshot,
        spec: PluginSpecification,
        scratch: Path,
        folder: Path,
        on_phase: OnPhase,
    ) -> None:
        self._toolchain, self._rooms, self._snapshot, self._spec = toolchain, rooms, snapshot, spec
        self._scratch, self._folder, self._on_phase = scratch, folder, on_phase
        self._began = time.monotonic()
        self._phases: list[PhaseResult] = []
        self._artifact: Path | None = None

    async def run(self) -> PipelineResult:
        await self._on_phase("building")
        clock = Clock()
        environments = self._toolchain._environments
        async with asyncio.TaskGroup() as group:
            needs = group.create_task(self._dependencies())
            built = group.create_task(build(self._rooms, self._snapshot, self._spec, self._scratch))
        (needed, dependencies), (wheeled, wheel) = needs.result(), built.result()
        checks = [needed, wheeled]
        venv: Path | None = None
        if wheel is not None and dependencies is not None:
            installed, venv = await self._install(environments, wheel, dependencies)
            checks.append(installed)
        self._over("building", clock, checks)
        if dependencies is not None:
            await self._lint(dependencies)
        if venv is not None and wheel is not None:
            await self._test(venv)
            await self._validate(venv)
            self._artifact = await asyncio.to_thread(self._keep, wheel)
        return PipelineResult(tuple(self._phases), self._artifact, time.monotonic() - self._began)

    def _over(self, phase: PhaseName, clock: Clock, checks: list[CheckResult]) -> None:
        self._phases.append(PhaseResult(phase, tuple(checks), clock.seconds))

    async def _dependencies(self) -> tuple[CheckResult, Dependencies | None]:
        clock = Clock()
        try:
            found = await self._toolchain._environments.dependencies(self._spec.dependencies)
        except DependencyError as error:
            return clock.result("dependencies", "cannot be installed", [Problem(str(error), code="uv")]), None
        return clock.result("dependencies", ", ".join(found.pins) or "none"), found

    async def _install(
        self, environments: Environments, wheel: Wheel, dependencies: Dependencies
    ) -> tuple[CheckResult, Path | None]:
        clock = Clock()
        try:
            venv = await environments.installed(wheel.path, dependencies, self._scratch / "venv")
        except DependencyError as error:
            return clock.result("install", "cannot be installed", [Problem(str(error), code="uv")]), None
        return clock.result("install", "in a fresh environment"), venv

    async def _lint(self, dependencies: Dependencies) -> None:
        await self._on_phase("linting")
        clock = Clock()
        package = f"src/{self._spec.package}"
        async with asyncio.TaskGroup() as group:
            linted = group.create_task(lint(self._rooms, self._snapshot))
            typed = group.create_task(
                check_types(self._rooms, self._snapshot, package, dependencies.venv, self._toolchain._cache)
            )
        self._over("linting", clock, [linted.result(), typed.result()])

    async def _test(self, venv: Path) -> None:
        await self._on_phase("testing")
        clock = Clock()
        least = self._toolchain._least_coverage
        checks = await check_tests(self._rooms, self._snapshot, self._spec, venv, least_coverage=least)
        self._over("testing", clock, list(checks))

    async def _validate(self, venv: Path) -> None:
        await self._on_phase("validating")
        clock = Clock()
        self._over("validating", clock, [await check_components(self._rooms, self._spec, venv)])

    def _keep(self, wheel: Wheel) -> Path:
        target = self._folder / "dist"
        target.mkdir(exist_ok=True)
        kept = target / wheel.path.name
        shutil.copyfile(wheel.path, kept)
        return kept
