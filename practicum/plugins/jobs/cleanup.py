"""Old jobs' folders, removed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long what is kept, after a job's end."""

    succeeded: timedelta = timedelta(days=14)
    failed: timedelta = timedelta(days=2)
    """Folders of jobs that failed, were cancelled or ran out of time."""
    rows: timedelta = timedelta(days=90)
    """That there was a job at all."""


def clean(store: JobStore, keeping: Keeping = Keeping()) -> list[str]:
    """Remove folders of jobs that are over for long enough; their ids. Live jobs are not touched. Blocks."""
    now = store.clock.now()
    removed = []
    for job in store.jobs():
        if not job.over or job.ended is None:
            continue
        age = now - job.ended
        if age > (keeping.succeeded if job.state == "succeeded" else keeping.failed) and _remove(store, job):
            removed.append(job.id)
        if age > keeping.rows:
            store.forget(job.id)
    return removed


def _remove(store: JobStore, job: Job) -> bool:
    folder = store.jobs_folder / job.id  # not `job.folder`: a project may have moved
    there = folder.is_dir()
    shutil.rmtree(folder, ignore_errors=True)  # does not follow links
    for ending in ("lock", "sock"):
        Path(f"{folder}.{ending}").unlink(missing_ok=True)
    return there
