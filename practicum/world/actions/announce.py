"""Says that a check begins and how it ended: to GitHub's check runs and, as `job.*` events, to everybody."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from practicum.bus.events import JobFinished, JobStarted, Json
from practicum.world.actions.job import JobResult
from practicum.world.actions.joblog import cut
from practicum.world.service import CheckSink, WorkflowTrigger, WorldContext

MAX_EVENT_LOG = 32 * 1024
"""Characters of the log in `job.finished`; the check has more."""


@dataclass(frozen=True)
class Announced:
    """A check that everybody knows of, and that must be ended."""

    job: str
    check: int
    name: str
    started: float
    facts: Mapping[str, Json]


class Announcer:
    """The checks of one trigger."""

    def __init__(self, context: WorldContext, trigger: WorkflowTrigger, sink: CheckSink) -> None:
        self._context, self._trigger, self._sink = context, trigger, sink

    async def announce(self, workflow: str, job: str) -> Announced:
        """Queue the check and store `job.started`; returns when both are done."""
        check = await self._sink.check_started(self._trigger, workflow, job)
        facts: dict[str, Json] = {
            "repo": self._trigger.repo,
            "sha": self._trigger.sha,
            "ref": self._trigger.ref,
            "event": self._trigger.event,
            "actor": self._trigger.actor,
            "workflow": workflow,
            "check": check,
        }
        name = f"{workflow} / {job}"
        announced = Announced(f"check-{secrets.token_hex(6)}", check, name, self._context.clock.monotonic(), facts)
        started = JobStarted(job=announced.job, kind="check", name=name, facts=facts)
        await self._context.emit("github", started, cause=self._trigger.cause)
        return announced

    async def finish(self, announced: Announced, result: JobResult) -> None:
        """Complete the check, then store `job.finished`: what the check causes comes before the run may be quiet."""
        await self._sink.check_completed(
            announced.check,
            conclusion=result.conclusion,
            title=result.title,
            summary=result.summary,
            log=result.log,
            artifacts=result.artifacts,
        )
        finished = JobFinished(
            job=announced.job,
            kind="check",
            name=announced.name,
            ok=result.conclusion in ("success", "skipped"),
            seconds=round(self._context.clock.monotonic() - announced.started, 3),
            facts={**announced.facts, "conclusion": result.conclusion, "title": result.title},
            log=cut(result.log, MAX_EVENT_LOG),
        )
        await self._context.emit("github", finished, cause=self._trigger.cause)
