"""One iteration of the pipeline: the phases in their order, and in each what can be done at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from practicum.api.model import Model
from practicum.plugins.pipeline.checking import Clock, Tasks
from practicum.plugins.pipeline.result import CheckResult, OnPhase, PhaseName, PhaseResult
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.review.model import review_by_model
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains import keeping
from practicum.plugins.toolchains.typescript.bundle import Bundle, build
from practicum.plugins.toolchains.typescript.components import check_components, verify
from practicum.plugins.toolchains.typescript.lint import lint
from practicum.plugins.toolchains.typescript.manifest import check_dependencies, check_manifest
from practicum.plugins.toolchains.typescript.room import NodeRooms
from practicum.plugins.toolchains.typescript.testing import check_tests
from practicum.plugins.toolchains.typescript.types import check_types


class Iteration:
    """Checks one snapshot. `phases` grows as they end."""

    def __init__(
        self,
        rooms: NodeRooms,
        snapshot: Snapshot,
        spec: PluginSpecification,
        scratch: Path,
        folder: Path,
        on_phase: OnPhase,
        *,
        reviewer: Model | None,
        least_coverage: float,
    ) -> None:
        self._rooms, self._snapshot, self._spec = rooms, snapshot, spec
        self._scratch, self._folder, self._on_phase = scratch, folder, on_phase
        self._reviewer, self._least_coverage = reviewer, least_coverage
        self.phases: list[PhaseResult] = []

    async def run(self) -> Path | None:
        """All phases that can be reached; the package, where it could be built.

        A plugin with wrong types is still linted and tested: whoever mends it sees everything at once.
        """
        clock = Clock()
        await self._on_phase("building")
        manifest = await asyncio.to_thread(check_manifest, self._snapshot, self._spec)
        async with Tasks() as tasks:
            # Neither waits for the bundle, so they run while it is built.
            typed = tasks.start(check_types(self._rooms, self._snapshot))
            linted = tasks.start(lint(self._rooms, self._snapshot, self._spec, self._scratch))
            built, bundle = await build(self._rooms, self._snapshot, self._spec, self._scratch)
            self._over("building", clock, [manifest, check_dependencies(self._spec), built])
            clock = Clock()
            await self._on_phase("linting")
        self._over("linting", clock, [*linted.result(), typed.result()])
        if bundle is None:
            return None
        await self._test()
        kept = await asyncio.to_thread(keeping.kept, bundle.path, self._folder)
        await self._validate(bundle, kept)
        return kept

    def _over(self, phase: PhaseName, clock: Clock, checks: list[CheckResult]) -> None:
        self.phases.append(PhaseResult(phase, tuple(checks), clock.seconds))

    async def _test(self) -> None:
        clock = Clock()
        await self._on_phase("testing")
        least = self._least_coverage
        checks = await check_tests(self._rooms, self._snapshot, self._spec, least_coverage=least)
        self._over("testing", clock, list(checks))

    async def _validate(self, bundle: Bundle, kept: Path) -> None:
        clock = Clock()
        await self._on_phase("validating")
        fine = all(phase.ok for phase in self.phases)
        unpacked = self._scratch / "package"
        await asyncio.to_thread(bundle.unpack, unpacked)
        async with Tasks() as tasks:
            called = tasks.start(check_components(self._rooms, self._spec, unpacked))
            # A model costs money and the verifier time: neither is asked about what has failed already.
            asked = tasks.start(review_by_model(self._reviewer, self._snapshot, self._spec)) if fine else None
            seen = tasks.start(verify(self._rooms, self._spec, kept, bundle, self._scratch)) if fine else None
        checks = [called.result()]
        for name, task in (("model_review", asked), ("verifier", seen)):
            skipped = Clock().result(name, "skipped: an earlier phase failed", status="skipped")
            checks.append(skipped if task is None else task.result())
        self._over("validating", clock, checks)
