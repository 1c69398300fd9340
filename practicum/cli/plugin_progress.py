"""What is going on with jobs, in the terminal: a line a phase, and in words what failed and why."""

from __future__ import annotations

import time
from typing import Any

from pydantic_core import to_json

from practicum.bus.events.base import Data
from practicum.bus.events.plugin import PluginAdvanced
from practicum.cli.running import paint, say
from practicum.errors import ExitCode
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore
from practicum.plugins.progress import event_line
from practicum.runtime.plugin_work import ended_well, inconclusive
from practicum.text import printable

_COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "timed_out": "yellow"}
_WIDTH = 200


class Progress:
    """Tells events of jobs as they come. With `json` it says nothing until `end`."""

    def __init__(self, jobs: JobStore, *, json: bool = False) -> None:
        self._jobs, self._json = jobs, json
        self._started = time.monotonic()
        self._errors: dict[str, int] = {}

    async def event(self, data: Data) -> None:
        """To be given to whoever works on jobs."""
        if self._json:
            return
        if isinstance(data, PluginAdvanced):
            self._wrong(data)
        if line := event_line(data):
            self._line(line, _COLOURS.get(getattr(data, "state", ""), ""))

    def note(self, text: str) -> None:
        """Something else that is worth a line."""
        if not self._json:
            self._line(text, "yellow")

    def end(self, job: Job) -> None:
        """How a job ended; what nobody looked at is said, as it is not the same as passed."""
        if self._json:
            say(to_json(summary(job)).decode())
            return
        for name, status in job.checks.items():
            if status in ("skipped", "not_checked"):
                self._line(f"{job.spec.name}: {name} {status.replace('_', ' ')}", "dim")

    def _wrong(self, data: PluginAdvanced) -> None:
        """The errors of a job that were not told yet."""
        job = self._jobs.get(data.job)
        for error in job.errors[self._errors.get(job.id, 0) :]:
            self._line(f"{data.name}, iteration {error.iteration}, {error.phase}: {error.message}", "red")
        self._errors[job.id] = len(job.errors)

    def _line(self, text: str, colour: str) -> None:
        at = time.monotonic() - self._started
        said = printable(text, _WIDTH)
        say(f"  {at:05.1f}  {paint(said, colour) if colour else said}")


def summary(job: Job) -> dict[str, Any]:
    """A job as `--json` prints it."""
    return {
        "job": job.id,
        "name": job.spec.name,
        "version": job.spec.version,
        "state": job.state,
        "reason": job.reason,
        "iteration": job.iteration,
        "source": job.source,
        "model": job.model,
        "cost_usd": round(job.cost_usd, 6),
        "seconds": seconds(job),
        "checks": job.checks,
        "artifact": job.artifact,
        "waits_for": job.waits_for,
        "by": job.by,
    }


def seconds(job: Job) -> float:
    """From when it was asked for to its end, or to its last change."""
    return round(((job.ended or job.updated) - job.created).total_seconds(), 3)


def exit_code(jobs: list[Job]) -> int:
    """0 when all of them succeeded, 1 when a plugin failed, 3 when something else came between."""
    if all(ended_well(job) for job in jobs):
        return int(ExitCode.PASSED)
    if any(inconclusive(job) for job in jobs):
        return int(ExitCode.INCONCLUSIVE)
    return int(ExitCode.FAILED)
