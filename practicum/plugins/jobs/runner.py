"""Working on a job, from the queue to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from practicum.bus.events.base import Data
from practicum.errors import InfrastructureError, PracticumError
from practicum.models.retry import scrub
from practicum.plugins.asking import AskModel
from practicum.plugins.jobs.hold import Hold, tell
from practicum.plugins.jobs.journal import JobEnd, Journal, OnEvent, Redact
from practicum.plugins.jobs.lifecycle import TransitionError
from practicum.plugins.jobs.making import Install, Means, Templates, make
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobStore
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.jobs.writing import ModelAuthor
from practicum.plugins.pipeline.result import Toolchain
from practicum.plugins.templates import generate, held

__all__ = ["Install", "OnEvent", "Redact", "Templates", "WaitSecret", "work"]

WaitSecret = Callable[[str], Awaitable[None]]
"""Returns when the vault holds the secret of this environment variable; at once when it does already."""


async def nobody(_: Data) -> None:
    """For who wants no events."""


def no_leases(text: str) -> str:
    """A text without anything that looks like a lease."""
    return scrub(text, "")


async def work(
    job: Job | str,
    *,
    store: JobStore,
    toolchain: Toolchain,
    model: AskModel | None = None,
    on_event: OnEvent = nobody,
    install: Install | None = None,
    wait_secret: WaitSecret | None = None,
    given: Mapping[str, str] | None = None,
    templates: Templates = generate,
    redact: Redact = no_leases,
    api: str = "",
) -> Job:
    """Work on a queued job until it is over, and give it as it then is. Waits while too many others are worked on.

    Files come from `model`; without one from `templates`; `given` files are checked first, as they are. When the job's
    `fallback` says so, templates also step in when the model gives nothing that passes: as one more iteration.
    `redact` takes secrets out of what goes to the model and into the job's folder. `api` describes the toolchain's API
    to the model; empty for the one that `practicum.plugins.prompts` has.

    Cancelling the task cancels the job. Whatever the model said, only a pipeline result that is well ends in
    `succeeded`.

    Raises:
        BusyJobError: another process works on it.
        UsageError: there is no such job.
    """
    found = store.get(job if isinstance(job, str) else job.id)
    if found.over:
        return found
    workspace = Workspace(store.jobs_folder / found.id)
    scaffold = toolchain.scaffold(found.spec)
    fixed = held(found.spec, scaffold)
    author = ModelAuthor(model, found.spec, scaffold, fixed, workspace, redact, api) if model is not None else None
    means = Means(toolchain, scaffold, fixed, author, templates, given, install)
    async with Hold(store.jobs_folder, found.id) as hold:
        journal = Journal(store.get(found.id), store, on_event, redact)
        try:
            await _until_over(journal, hold, workspace, means, wait_secret)
        except asyncio.CancelledError:
            await asyncio.shield(journal.end(JobEnd("cancelled", "cancelled with the process that worked on it")))
            raise
        return journal.job


async def _until_over(
    journal: Journal, hold: Hold, workspace: Workspace, means: Means, wait_secret: WaitSecret | None
) -> None:
    """However it ends, the store says so."""
    end: JobEnd | None = None
    wrong = ""
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_stop_when_asked(hold))
            if journal.job.cancelling:
                raise JobEnd("cancelled", f"cancelled by {journal.job.cancelling}")
            await _wait_for_turn(journal)
            seconds = journal.job.timeout_s
            try:
                async with asyncio.timeout(seconds), asyncio.TaskGroup() as beside:
                    secrets = beside.create_task(_wait_for_secrets(journal, wait_secret))
                    artifact = await make(journal, workspace, means, secrets)
            except TimeoutError as error:
                waits = f", waiting for {journal.job.waits_for}" if journal.job.waits_for else ""
                late = f"not ready within {seconds:g} s: it was {journal.job.state}{waits}"
                raise JobEnd("timed_out", late) from error
            watching.cancel()
            await journal.end(
                JobEnd("succeeded", f"passed at iteration {journal.job.iteration}", {"artifact": str(artifact)})
            )
    except* JobEnd as ended:
        end = _first(ended)
    except* TransitionError:
        journal.job = journal.store.get(journal.job.id)  # it was ended from elsewhere, and stays as it is
    except* PracticumError as errors:
        known = _first(errors)
        kind = "infrastructure: " if isinstance(known, InfrastructureError) else ""
        end, wrong = end or JobEnd("failed", f"{kind}{known.message}"), str(known)
    except* OSError as errors:  # a full or read-only disk: the plugin's own code only ever runs in sandboxes
        refused = _first(errors)
        place = f": {refused.filename}" if refused.filename else ""
        wrong = f"infrastructure: {refused.strerror or repr(refused)}{place}"
        end = end or JobEnd("failed", wrong)
    except* Exception as errors:  # the edge of this job: recorded, so that nobody waits for it
        unknown = _first(errors)
        wrong = f"internal error: {type(unknown).__name__}: {unknown}"
        end = end or JobEnd("failed", wrong)
    if end is not None:  # only here: what is raised within `except*` would come out as a group
        await journal.end(end, wrong)


async def _stop_when_asked(hold: Hold) -> None:
    by = await hold.cancelled()
    raise JobEnd("cancelled", f"cancelled by {by}")


async def _wait_for_turn(journal: Journal) -> None:
    """Until fewer than the limit are worked on: each of the others tells its end, or its death, by its socket."""
    store = journal.store
    while (claimed := store.claim(journal.job.id)) is None:
        others = [asyncio.create_task(tell(store.jobs_folder, one, "watch")) for one in store.working()]
        try:
            if others:
                await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
    journal.job = claimed
    await journal.tell()


async def _wait_for_secrets(journal: Journal, wait_secret: WaitSecret | None) -> None:
    """Beside the iterations: an operator is told at once what is missing, and nothing stands still meanwhile."""
    if wait_secret is None:
        return
    for variable in journal.job.spec.environment:
        if variable.required and variable.sensitive:
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(_one_secret(wait_secret, variable.name))
                await asyncio.wait([waiting], timeout=0)
                if not waiting.done():
                    async with journal.waiting(f"the secret {variable.name}"):
                        await waiting


async def _one_secret(wait_secret: WaitSecret, name: str) -> None:
    await wait_secret(name)


def _first(group: BaseExceptionGroup[Any]) -> Any:
    """The first error of a group of groups."""
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return inner
