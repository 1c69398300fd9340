"""Jobs whose process died: found at the next start, and taken up again or ended."""

from __future__ import annotations

from practicum.plugins.jobs.hold import alive
from practicum.plugins.jobs.lifecycle import TransitionError
from practicum.plugins.jobs.processes import lives
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore

MOST = 3
"""How often a job is taken up again: one that kills its process each time ends."""


def orphans(store: JobStore) -> list[Job]:
    """Jobs that are not over, and that nobody works on or is about to."""
    return [
        job
        for job in store.jobs(live=True)
        if not alive(store.jobs_folder, job.id) and not (job.state == "queued" and lives(job.pid, job.pid_started))
    ]


def recover(store: JobStore, *, resume: bool = True) -> list[Job]:
    """Put every orphan back into the queue, and give those that are to be worked on (`work` each of them).

    What was asked to be cancelled is; what died too often, or all of them when not `resume`, end `failed` with why.
    """
    found = []
    for job in orphans(store):
        try:
            if job.cancelling:
                store.advance(job.id, "cancelled", reason=f"cancelled by {job.cancelling}", waits_for="")
            elif not resume or job.resumed >= MOST:
                again = f", {job.resumed + 1} times" if job.resumed else ""
                reason = f"the process that worked on it died while it was {job.state}{again}"
                store.advance(job.id, "failed", reason=reason, waits_for="")
            elif job.state == "queued":
                found.append(store.update(job.id, resumed=job.resumed + 1))
            else:
                found.append(store.advance(job.id, "queued", resumed=job.resumed + 1, waits_for=""))
        except TransitionError:  # somebody else was faster
            continue
    return found
