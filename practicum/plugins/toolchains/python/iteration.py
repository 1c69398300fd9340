"""One iteration of the pipeline: the phases in their order, and in each what can be done at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from practicum.api.model import Model
from practicum.api.sandbox import Limits
from practicum.plugins.dependencies.advisories import Advisories
from practicum.plugins.dependencies.policy import DependencyPolicy
from practicum.plugins.pipeline.checking import Clock, Tasks, counted
from practicum.plugins.pipeline.components import check_components
from practicum.plugins.pipeline.environment import Dependencies, DependencyError, Environments, Installed
from practicum.plugins.pipeline.own_tests import check_tests
from practicum.plugins.pipeline.result import CheckResult, OnPhase, PhaseName, PhaseResult, Problem
from practicum.plugins.pipeline.room import Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.review.model import review_by_model
from practicum.plugins.review.static import review
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains import keeping
from practicum.plugins.toolchains.python.build import Wheel, build
from practicum.plugins.toolchains.python.lint import lint, tidy
from practicum.plugins.toolchains.python.manifest import check_manifest, check_names
from practicum.plugins.toolchains.python.types import check_types
from practicum.plugins.verify.verifier import verify


@dataclass(frozen=True, slots=True)
class Settings:
    """What the iterations of one toolchain have in common."""

    cache: Path
    policy: DependencyPolicy
    advisories: Advisories
    environments: Environments
    reviewer: Model | None
    download: bool
    least_coverage: float
    limits: Limits


class Iteration:
    """Checks one snapshot. `phases` grows as they end."""

    def __init__(
        self,
        settings: Settings,
        rooms: Rooms,
        snapshot: Snapshot,
        spec: PluginSpecification,
        scratch: Path,
        folder: Path,
        on_phase: OnPhase,
    ) -> None:
        self._settings, self._rooms, self._snapshot, self._spec = settings, rooms, snapshot, spec
        self._scratch, self._folder, self._on_phase = scratch, folder, on_phase
        self.phases: list[PhaseResult] = []

    async def run(self) -> Path | None:
        """All phases that can be reached; the wheel, where it could be built and installed.

        A plugin that does not build is still linted, and one that does not lint is still tested: whoever mends it sees
        everything at once.
        """
        clock = Clock()
        await self._on_phase("building")
        tidied = await tidy(self._rooms, self._snapshot, self._folder)
        async with Tasks() as tasks:
            # Nothing of these waits for the wheel, so they run while it is built.
            needs = tasks.start(self._dependencies())
            looks = [
                tasks.start(lint(self._rooms, self._snapshot)),
                tasks.start(review(self._rooms, self._snapshot, self._spec)),
                tasks.start(self._types(needs)),
                tasks.start(self._advisories(needs)),
            ]
            building, wheel, installed = await self._build(needs, tidied)
            self._over("building", clock, building)
            clock = Clock()
            await self._on_phase("linting")
        self._over("linting", clock, [look.result() for look in looks])
        if wheel is None or installed is None:
            return None
        await self._test(installed)
        kept = await asyncio.to_thread(keeping.kept, wheel.path, self._folder)
        await self._validate(installed, wheel, kept)
        return kept

    def _over(self, phase: PhaseName, clock: Clock, checks: list[CheckResult]) -> None:
        self.phases.append(PhaseResult(phase, tuple(checks), clock.seconds))

    async def _dependencies(self) -> tuple[CheckResult, Dependencies | None]:
        clock = Clock()
        wrong = check_names(self._spec, self._settings.policy)
        if wrong:
            return clock.result("dependencies", "not installed", wrong), None
        try:
            found = await self._settings.environments.dependencies(self._spec.dependencies)
        except DependencyError as error:
            return clock.result("dependencies", "cannot be installed", [Problem(str(error), code="uv")]), None
        return clock.result("dependencies", ", ".join(found.pins) or "none", facts={"pins": list(found.pins)}), found

    async def _build(
        self, needs: asyncio.Task[tuple[CheckResult, Dependencies | None]], tidied: list[str]
    ) -> tuple[list[CheckResult], Wheel | None, Installed | None]:
        manifest = await asyncio.to_thread(check_manifest, self._snapshot, self._spec)
        built, wheel = await build(self._rooms, self._snapshot, self._spec, self._scratch)
        checked, dependencies = await needs
        checks = [manifest, self._tidied(tidied), checked, built]
        if wheel is None or dependencies is None:
            return checks, wheel, None
        clock = Clock()
        try:
            installed = await self._settings.environments.install(wheel.path, dependencies, self._scratch / "venv")
        except DependencyError as error:
            failed = clock.result("install", "cannot be installed", [Problem(str(error), code="uv")])
            return [*checks, failed], wheel, None
        return [*checks, clock.result("install", "in a fresh environment")], wheel, installed

    def _tidied(self, names: list[str]) -> CheckResult:
        summary = f"{counted(len(names), 'file')} formatted" if names else "as it should be"
        return Clock().result("format", summary, facts={"files": list(names)})

    async def _types(self, needs: asyncio.Task[tuple[CheckResult, Dependencies | None]]) -> CheckResult:
        _, dependencies = await needs
        if dependencies is None:
            # Without them nearly every line would be wrong.
            return Clock().result("mypy", "not checked: the dependencies are not there", status="not_checked")
        package = f"src/{self._spec.package}"
        return await check_types(self._rooms, self._snapshot, package, dependencies, self._settings.cache)

    async def _advisories(self, needs: asyncio.Task[tuple[CheckResult, Dependencies | None]]) -> CheckResult:
        _, dependencies = await needs
        if dependencies is None:
            return Clock().result("advisories", "not checked: the dependencies are not there", status="not_checked")
        return await self._settings.advisories.check(dependencies.pins)

    async def _test(self, installed: Installed) -> None:
        clock = Clock()
        await self._on_phase("testing")
        least = self._settings.least_coverage
        checks = await check_tests(self._rooms, self._snapshot, self._spec, installed, least_coverage=least)
        self._over("testing", clock, list(checks))

    async def _validate(self, installed: Installed, wheel: Wheel, kept: Path) -> None:
        clock = Clock()
        await self._on_phase("validating")
        called = await check_components(self._rooms, self._spec, installed)
        # A model costs money and the verifier time: neither is asked about what has failed already.
        fine = called.status != "failed" and all(phase.ok for phase in self.phases)
        async with Tasks() as tasks:
            asked = tasks.start(review_by_model(self._settings.reviewer, self._snapshot, self._spec)) if fine else None
            verified = tasks.start(self._verify(wheel, kept)) if fine else None
        checks = [called]
        for name, task in (("model_review", asked), ("verifier", verified)):
            skipped = Clock().result(name, "skipped: an earlier check failed", status="skipped")
            checks.append(skipped if task is None else task.result())
        self._over("validating", clock, checks)

    async def _verify(self, wheel: Wheel, kept: Path) -> CheckResult:
        clock = Clock()
        verdict = await verify(
            kept, self._spec, self._snapshot.folder / "tests", expected=wheel.digest, policy=self._settings.policy,
            cache=self._settings.cache, download=self._settings.download,
        )  # fmt: skip
        problems = [
            Problem(f"{check.name}: {one.message}", one.file, one.line, f"verifier:{one.code}", one.severity)
            for check in verdict.checks
            for one in check.problems
        ]
        done = ", ".join(f"{check.name} {check.status}" for check in verdict.checks)
        return clock.result(
            "verifier", done, problems, status="passed" if verdict.ok else "failed",
            facts={"sha256": verdict.digest, "checks": {check.name: check.status for check in verdict.checks}},
        )  # fmt: skip
