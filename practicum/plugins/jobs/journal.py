"""A job as it goes on: every change is stored, and told as an event."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from practicum.bus.events.base import Data, Json
from practicum.bus.events.plugin import PluginAdvanced
from practicum.plugins.jobs.lifecycle import TRANSITIONS, TransitionError
from practicum.plugins.jobs.state import Job, JobError, State
from practicum.plugins.jobs.store import JobStore
from practicum.plugins.pipeline.result import PhaseName, PipelineResult

OnEvent = Callable[[Data], Awaitable[None]]
"""Told of every `plugin.*` event, in order."""

Redact = Callable[[str], str]
"""Takes secrets out of a text."""


@dataclass(eq=False)
class JobEnd(Exception):
    """The job comes to its end. It steers, and is no error."""

    state: State
    reason: str
    changes: dict[str, Any] = field(default_factory=dict)


class Journal:
    """Of one job, by the process that holds it."""

    def __init__(self, job: Job, store: JobStore, on_event: OnEvent, redact: Redact) -> None:
        self.job = job
        self.store = store
        self.redact = redact
        self.result: PipelineResult | None = None
        self._on_event = on_event

    async def to(self, state: State, **changes: Any) -> None:
        """Bring it into a state.

        Raises:
            TransitionError: it was ended from elsewhere.
        """
        if self.job.state == state:
            self.update(**changes)
            if self.job.state != state:
                raise TransitionError(self.job.id, self.job.state, state)
        else:
            self.job = self.store.advance(self.job.id, state, **changes)
        await self.tell()

    async def phase(self, phase: PhaseName) -> None:
        """The pipeline begins a phase; one that runs beside a later one changes nothing."""
        if phase in TRANSITIONS[self.job.state]:
            await self.to(phase)

    def update(self, **changes: Any) -> None:
        """Change other fields than the state."""
        self.job = self.store.update(self.job.id, **changes)

    def wrong(self, iteration: int, phase: str, message: str) -> None:
        """Keep what went wrong."""
        text = self.redact(message)[:4000]
        error = JobError(iteration=iteration, phase=phase, message=text, time=self.store.clock.now())
        self.update(errors=[*self.job.errors, error])

    async def end(self, end: JobEnd, error: str = "") -> None:
        """Its end, unless it is over already. `error` is kept among its errors."""
        if error:
            self.wrong(self.job.iteration, self.job.state, error)
        reason = self.redact(end.reason)
        try:
            self.job = self.store.advance(self.job.id, end.state, reason=reason, waits_for="", **end.changes)
        except TransitionError:
            self.job = self.store.get(self.job.id)
        else:
            await self.tell(reason)

    async def tell(self, reason: str = "") -> None:
        """Publish how it is."""
        job = self.job
        facts: dict[str, Json] = _facts(self.result) if self.result is not None else {}
        if job.source:
            facts["source"] = job.source
        if job.waits_for:
            facts["waits_for"] = job.waits_for
        body = PluginAdvanced(
            job=job.id, name=job.spec.name, state=job.state, iteration=job.iteration, reason=reason, facts=facts
        )
        await self._on_event(body)

    @contextlib.asynccontextmanager
    async def waiting(self, what: str) -> AsyncIterator[None]:
        """While the `async with` lasts, it waits for an operator."""
        self.update(waits_for=what)
        await self.tell(f"waits for {what}")
        yield
        self.update(waits_for="")
        await self.tell(f"{what} is there")


def _facts(result: PipelineResult) -> dict[str, Json]:
    """Counts of tests, and checks by status."""
    tests = [test for phase in result.phases for check in phase.checks for test in check.tests]
    checks: dict[str, Json] = {check.name: check.status for phase in result.phases for check in phase.checks}
    failed = sum(test.outcome in ("failed", "error") for test in tests)
    return {"checks": checks, "tests": len(tests), "tests_failed": failed}
