"""Asking for a plugin."""

from __future__ import annotations

from practicum.bus.events.plugin import PluginRequested
from practicum.plugins.jobs.journal import OnEvent
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore
from practicum.plugins.specification import PluginSpecification


async def request(
    store: JobStore,
    spec: PluginSpecification,
    on_event: OnEvent,
    *,
    model: str = "",
    max_iterations: int = 5,
    timeout_s: float = 1800.0,
    by: str = "operator",
    fallback: bool = False,
) -> Job:
    """A new job in the queue, told as `plugin.requested`; `work` works on it.

    Raises:
        TooManyJobsError: too many were asked for within the last hour.
    """
    job = store.create(spec, model=model, max_iterations=max_iterations, timeout_s=timeout_s, by=by, fallback=fallback)
    await on_event(PluginRequested(job=job.id, name=spec.name, version=spec.version, by=by))
    return job
