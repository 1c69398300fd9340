"""Measuring the factory: a set of specifications, each made anew in a folder that is thrown away."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from practicum.plugins.jobs.journal import OnEvent
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobLimits, JobStore
from practicum.plugins.pipeline.checking import Tasks
from practicum.plugins.specification import PluginSpecification
from practicum.runtime.plugin_models import Models
from practicum.runtime.plugin_work import PluginWork, Wanted, inconclusive


@dataclass(frozen=True, slots=True)
class Benched:
    """One specification."""

    name: str
    state: str
    reason: str
    source: str
    """Who wrote what it ended with: `model` or `template`."""
    iterations: int
    cost_usd: float
    seconds: float
    """Of its iterations, without waiting for its turn."""


@dataclass(frozen=True, slots=True)
class Score:
    """All of them."""

    specifications: int
    succeeded: int
    inconclusive: int
    """Ended by something that says nothing about the plugin."""
    success_rate: float
    mean_iterations: float
    mean_seconds: float
    cost_usd: float
    wall_seconds: float


async def bench_all(
    specs: Sequence[PluginSpecification],
    *,
    models: Models = Models(),
    max_iterations: int = 5,
    timeout_s: float = 600.0,
    parallel: int = 2,
    progress: Callable[[JobStore], OnEvent],
) -> tuple[list[Benched], Score]:
    """Make each of them, `parallel` at a time; `progress` gives, for the jobs' store, who is told of events."""
    began = time.monotonic()
    limits = JobLimits(live=parallel, per_hour=max(len(specs), 1))
    with tempfile.TemporaryDirectory(prefix="practicum-bench-") as home, PluginWork(Path(home), limits=limits) as work:
        tell = progress(work.jobs)
        wanted = Wanted(models.author.name if models.author is not None else "", max_iterations, timeout_s)
        jobs = [await work.queue(spec, wanted, on_event=tell) for spec in specs]
        async with Tasks() as group:
            tasks = [
                group.start(work.make(job, model=models.author, reviewer=models.reviewer, on_event=tell))
                for job in jobs
            ]
        done = [task.result() for task in tasks]
    rows = [_row(job) for job in done]
    good = sum(row.state == "succeeded" for row in rows)
    count = max(len(rows), 1)
    return rows, Score(
        specifications=len(rows),
        succeeded=good,
        inconclusive=sum(inconclusive(job) for job in done),
        success_rate=round(good / count, 4),
        mean_iterations=round(sum(row.iterations for row in rows) / count, 3),
        mean_seconds=round(sum(row.seconds for row in rows) / count, 3),
        cost_usd=round(sum(row.cost_usd for row in rows), 6),
        wall_seconds=round(time.monotonic() - began, 3),
    )


def _row(job: Job) -> Benched:
    spent = round(sum(one.seconds for one in job.iterations), 3)
    return Benched(job.spec.name, job.state, job.reason, job.source, job.iteration, round(job.cost_usd, 6), spent)
