"""The order in which the jobs of one workflow run: `needs`, `if`, matrices, `fail-fast`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.errors import SandboxError
from practicum.world.actions.announce import Announced, Announcer
from practicum.world.actions.contexts import Conclusion
from practicum.world.actions.expression import ExpressionError, Scope, Status, condition
from practicum.world.actions.git import Git
from practicum.world.actions.job import JobResult, JobRun, JobSetting, remove
from practicum.world.actions.matrix import Combination
from practicum.world.actions.workflow import Job, Workflow
from practicum.world.service import WorkflowTrigger


@dataclass
class Leg:
    """One job with one combination of its matrix: what one check shows."""

    job: Job
    combination: Combination
    github: Mapping[str, Json]
    announced: Announced
    task: asyncio.Task[JobResult] | None = None
    """While it waits or executes, and can be cancelled."""
    superseded: bool = False
    """Ended because another leg failed and `fail-fast` holds."""


@dataclass(frozen=True)
class Means:
    """What a workflow is executed with."""

    sandboxes: SandboxProvider
    git: Git
    clock: Clock
    slots: asyncio.Semaphore
    directory: Path
    origin: str


class WorkflowRun:
    """One execution of one workflow, whose legs have all been announced; `run` finishes each of them."""

    def __init__(
        self, workflow: Workflow, trigger: WorkflowTrigger, legs: Sequence[Leg], announcer: Announcer, means: Means
    ) -> None:
        self._workflow, self._trigger, self._means, self._announcer = workflow, trigger, means, announcer
        self._legs = {name: [leg for leg in legs if leg.job.id == name] for name in workflow.jobs}
        self._done = {name: asyncio.Event() for name in workflow.jobs}
        self._needs: dict[str, dict[str, Json]] = {}
        """Finished jobs, as the `needs` context shows them."""

    async def run(self) -> None:
        """Run every job; returns when all are finished."""
        async with asyncio.TaskGroup() as group:
            for job in self._workflow.jobs.values():
                group.create_task(self._job(job))

    async def _job(self, job: Job) -> None:
        for needed in job.needs:
            await self._done[needed].wait()
        legs = self._legs[job.id]
        skip = self._reason_to_skip(job, legs[0].github)
        if skip is not None:
            results = [skip] * len(legs)
            for leg in legs:
                await self._announcer.finish(leg.announced, skip)
        else:
            results = await self._all_legs(job, legs)
        outputs: dict[str, Json] = {}
        for result in results:
            outputs.update(result.outputs)
        self._needs[job.id] = {"result": _together(results), "outputs": outputs}
        self._done[job.id].set()

    def _reason_to_skip(self, job: Job, github: Mapping[str, Json]) -> JobResult | None:
        """The result of a job whose `if` says no, or cannot be read; None when it is to run."""
        above = self._ancestors(job)
        status = Status(
            success=all(self._needs[name]["result"] == "success" for name in above),
            failure=any(self._needs[name]["result"] == "failure" for name in above),
            cancelled=any(self._needs[name]["result"] == "cancelled" for name in above),
        )
        scope = Scope({"github": dict(github), "needs": self._needs_of(job), "env": {}}, status)
        try:
            if condition(job.condition, scope):
                return None
        except ExpressionError as error:
            return JobResult("failure", f"if: {error.message}"[:200], error.message, error.message + "\n")
        reason = "its condition was not met"
        if not job.condition and not status.success:
            bad = [name for name in job.needs if self._needs[name]["result"] != "success"]
            reason = f"it needs {', '.join(bad)}, which did not succeed"
        return JobResult("skipped", f"skipped: {reason}")

    def _ancestors(self, job: Job) -> set[str]:
        found: set[str] = set()
        waiting = list(job.needs)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._workflow.jobs[name].needs)
        return found

    def _needs_of(self, job: Job) -> dict[str, Json]:
        return {name: self._needs[name] for name in job.needs}

    async def _all_legs(self, job: Job, legs: Sequence[Leg]) -> list[JobResult]:
        room = asyncio.Semaphore(job.max_parallel or len(legs))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._leg(leg, legs, room)) for leg in legs]
            for leg, task in zip(legs, tasks, strict=True):
                leg.task = task
        return [task.result() for task in tasks]

    async def _leg(self, leg: Leg, all_legs: Sequence[Leg], room: asyncio.Semaphore) -> JobResult:
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(room)
                await stack.enter_async_context(self._means.slots)
                result = await self._execute(leg)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not leg.superseded or task is None:
                raise
            task.uncancel()
            result = JobResult("cancelled", "cancelled: another job of the matrix failed")
        leg.task = None
        if result.conclusion in ("failure", "timed_out") and leg.job.fail_fast and not result.tolerated:
            for other in all_legs:
                if other.task is not None:
                    other.superseded = True
                    other.task.cancel()
        await self._announcer.finish(leg.announced, result)
        return result

    async def _execute(self, leg: Leg) -> JobResult:
        directory = self._means.directory / leg.announced.job
        directory.mkdir()
        setting = JobSetting(
            self._workflow,
            self._trigger,
            leg.github,
            self._needs_of(leg.job),
            self._means.sandboxes,
            self._means.git,
            self._means.clock,
            directory,
            self._means.origin,
        )
        try:
            return await JobRun(leg.job, leg.combination, setting).run()
        except SandboxError as error:
            return JobResult("failure", "the sandbox could not be set up", str(error), f"{error}\n")
        finally:
            await asyncio.to_thread(remove, directory)


def _together(results: Sequence[JobResult]) -> Conclusion:
    """The result of a job from those of its combinations, as `needs.x.result` gives it."""
    found = {"success" if result.tolerated else result.conclusion for result in results}
    if "failure" in found or "timed_out" in found:
        return "failure"
    if "cancelled" in found:
        return "cancelled"
    return "skipped" if found == {"skipped"} else "success"
