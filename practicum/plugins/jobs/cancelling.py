"""Ending a job, from whatever process."""

from __future__ import annotations

import asyncio

from practicum.plugins.jobs.hold import tell
from practicum.plugins.jobs.lifecycle import TransitionError
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore

_PATIENCE_S = 10.0


async def cancel(store: JobStore, job: str, *, by: str = "operator", patience_s: float = _PATIENCE_S) -> Job:
    """Ask for a job's end, and wait for it; everything that it started ends with it.

    Gives the job as it then is: `cancelled`, or as it was when it was over before. When whoever works on it does not
    end within `patience_s`, it is still as it was, and `cancelling` says who asked.

    Raises:
        UsageError: there is no such job.
    """
    found = store.get(job)
    if found.over:
        return found
    store.update(job, cancelling=by)
    try:
        async with asyncio.timeout(patience_s):
            await tell(store.jobs_folder, job, f"cancel {by}")
    except TimeoutError:
        return store.get(job)
    found = store.get(job)
    if not found.over:  # nobody worked on it, or whoever did died of it
        try:
            return store.advance(job, "cancelled", reason=f"cancelled by {by}", waits_for="")
        except TransitionError:
            return store.get(job)
    return found
