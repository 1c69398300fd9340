"""A run of code alone: no agent, no model, so no proctor and no broker. It is recorded and judged like any other."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from practicum import __version__
from practicum.api.evaluator import Evidence, StepView, TurnView
from practicum.api.sandbox import SandboxProvider
from practicum.bus.event import Event, make_event
from practicum.bus.events import (
    Data,
    JudgmentReached,
    Outcome,
    RunFinished,
    RunInterrupted,
    RunStarted,
    StepStarted,
    WorkEnded,
)
from practicum.bus.memory import MemoryBroker, MemoryBus
from practicum.bus.routing import address_for
from practicum.errors import PracticumError
from practicum.runtime.coding import execute
from practicum.runtime.environment_keys import environment_keys
from practicum.runtime.looking import Looker
from practicum.runtime.places import RunFolder, started_now, write_whole
from practicum.runtime.plan import Plan
from practicum.runtime.stepview import given_in, results, view_of
from practicum.runtime.verdict import final_outcome
from practicum.runtime.worldless import CodeEvidence
from practicum.sandbox.detect import select
from practicum.scenarios.environments import Workspace, open_workspace
from practicum.scenarios.judgment import judge
from practicum.scenarios.verdict import Verdict
from practicum.trajectory.observer import Observer
from practicum.trajectory.verify import Seal
from practicum.trajectory.writer import TrajectoryWriter

_KEPT_BYTES = 64 * 1024 * 1024
"""Of what the code made, in `artifacts/workspace`; a larger workspace goes with its environment."""


class CodeRun:
    """One run, from nothing to its verdict."""

    def __init__(self, plan: Plan, folder: RunFolder, on_event: Callable[[Event, int], None]) -> None:
        self.plan, self.folder, self._on_event = plan, folder, on_event
        self._events: list[Event] = []
        self._work: asyncio.Task[None] | None = None
        self._interrupted = ""

    def interrupt(self, why: str) -> None:
        """End the run in order: what executes is broken off, the verdict says so."""
        self._interrupted = self._interrupted or why
        if self._work is not None:
            self._work.cancel()

    async def launch(self) -> Verdict:
        """Run the plan.

        Raises:
            PracticumError: it could not start, or could not be recorded.
        """
        broker, run = MemoryBroker(), self.folder.run
        self._bus = broker.connect(run, "launcher")
        self._writer = TrajectoryWriter(self.folder.path, run)
        self._observer = Observer(broker.connect(run, "observer"), self._writer, self._take)
        recording = asyncio.create_task(self._observer.run())
        working = asyncio.create_task(self._run())
        try:
            # A disk that refuses ends the observer, and then nobody would tell whoever waits for it.
            await asyncio.wait({recording, working}, return_when=asyncio.FIRST_COMPLETED)
            if recording.done():
                recording.result()
            return await working
        finally:
            for task in (working, recording):
                task.cancel()
            await asyncio.gather(working, recording, return_exceptions=True)
            self._writer.close()

    async def _run(self) -> Verdict:
        began, started = time.monotonic(), started_now()
        scenario = self.plan.loaded.scenario
        workspace = await open_workspace(
            scenario.environment.model_copy(update={"type": self.plan.environment}),
            root=self.folder.path / "workspace",
            setup=self.plan.setup,
            folder=self.plan.loaded.folder,
            languages=[step.lang for step in scenario.run],
            secrets=environment_keys(self.plan.options.env_file),
            sandboxes=await self._tier(),
        )
        outcome: Outcome | None = None
        why = ""
        try:
            await self._publish(self._run_started(workspace))
            looker = Looker(
                self.plan.loaded,
                self.plan.loaded.evaluators,
                lambda steps, scope, turn: self._gather(workspace, steps, scope, turn),
                self._publish,
                allow_weak=self.plan.options.allow_weak,
            )
            self._work = asyncio.create_task(self._steps(workspace, looker))
            try:
                async with asyncio.timeout(self.plan.time_s):
                    await self._work
                    await self._settle(WorkEnded(reason="every step is over"))
                    await looker.at_the_end()
            except TimeoutError:
                outcome, why = "limit", f"the time limit of {self.plan.time_s:g} s was reached"
            except asyncio.CancelledError:
                if not self._interrupted:
                    raise
                outcome, why = "cancelled", self._interrupted
            except PracticumError as error:
                outcome, why = "infrastructure", error.message
            if outcome == "limit":
                await looker.missed(why)
            touched = {path for step in looker.steps for path in (*step.created, *step.changed)}
            await asyncio.to_thread(self._keep, workspace.root, workspace.seeded - touched)
        finally:
            await workspace.close()
            await asyncio.to_thread(shutil.rmtree, workspace.root, ignore_errors=True)
        judged = judge(scenario.judgment.strategy, looker.found, scenario.judgment.threshold)
        ended, reason = final_outcome(judged, outcome, why)
        seconds = round(time.monotonic() - began, 3)
        strategy = scenario.judgment.strategy
        await self._publish(
            JudgmentReached(outcome=ended, strategy=strategy, passed=judged.passed, total=judged.total, summary=reason)
        )
        last = (
            RunInterrupted(reason=reason)
            if self._interrupted
            else RunFinished(outcome=ended, reason=reason, seconds=seconds)
        )
        await self._settle(last)
        return self._verdict(looker, ended, reason, seconds, started, workspace)

    async def _tier(self) -> SandboxProvider | None:
        """The tier that `--sandbox` names, for the environment `sandbox`."""
        chosen = self.plan.options.sandbox
        return await select(chosen) if chosen != "auto" and self.plan.environment == "sandbox" else None

    async def _steps(self, workspace: Workspace, looker: Looker) -> None:
        scenario = self.plan.loaded.scenario
        for index, step in enumerate(scenario.run):
            first = len(self._events)
            await self._settle(StepStarted(step=index, name=step.name, kind="code"))
            finished = await execute(workspace, index, step, scenario.environment.timeout)
            await self._settle(finished)
            await looker.after_step(view_of(finished, self._events, first=first, given=given_in(step)))

    @asynccontextmanager
    async def _gather(
        self, files: Workspace, steps: Sequence[StepView], scope: StepView | None, turn: TurnView | None
    ) -> AsyncIterator[Evidence]:
        yield CodeEvidence(self.folder, self._events, files, steps, scope, turn)

    def _run_started(self, workspace: Workspace) -> RunStarted:
        scenario = self.plan.loaded.scenario
        return RunStarted(
            scenario=scenario.name,
            team=(),
            services={},
            environment=self.plan.environment,
            isolation=workspace.isolation,
            limits=scenario.limits.model_dump(mode="json"),
            practicum=__version__,
        )

    def _verdict(
        self, looker: Looker, outcome: Outcome, reason: str, seconds: float, started: object, workspace: Workspace
    ) -> Verdict:
        scenario = self.plan.loaded.scenario
        seal = Seal(run=self.folder.run, events=self._writer.count, head=self._writer.head.decode())
        write_whole(self.folder.path / "seal.json", seal.model_dump_json(indent=1))
        verdict = Verdict.model_validate(
            {
                **self.plan.described(),
                "run": self.folder.run,
                "outcome": outcome,
                "reason": reason,
                "started": started,
                "seconds": seconds,
                "agents": {},
                "isolation": workspace.isolation,
                "agents_isolation": {},
                "evaluations": looker.found,
                "events": seal.events,
                "head": seal.head,
                "practicum": __version__,
                "steps": results(self._events, scenario.run),
            }
        )
        write_whole(self.folder.path / "verdict.json", verdict.model_dump_json(indent=1))
        return verdict

    def _keep(self, root: Path, untouched: frozenset[str]) -> None:
        """Keep what the code made or changed beside the record, where it is not too much."""
        made = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
        new = [path for path in made if path.relative_to(root).as_posix() not in untouched]
        if not new or sum(path.stat().st_size for path in new) > _KEPT_BYTES:
            return
        for path in new:
            target = self.folder.artifacts / "workspace" / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # what the code made unreadable stays where it was
                shutil.copyfile(path, target)

    def _take(self, event: Event, subject: str, sequence: int) -> None:
        self._events.append(event)
        self._on_event(event, len(self._events))

    async def _publish(self, data: Data) -> str:
        event = make_event(data, run=self.folder.run, source="launcher", provenance=self.plan.provenance)
        await self._bus.publish(event, address_for(data))
        return event.id

    async def _settle(self, data: Data) -> None:
        """Publish, and return when it is on disk."""
        event = make_event(data, run=self.folder.run, source="launcher", provenance=self.plan.provenance)
        await self._observer.reached(await self._bus.publish(event, address_for(data)))

    _bus: MemoryBus
    _writer: TrajectoryWriter
    _observer: Observer
