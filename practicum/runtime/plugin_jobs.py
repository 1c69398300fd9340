"""The desk at which agents of a running team ask for plugins to be made, and hear of their jobs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from practicum.api.plugin import Capability
from practicum.api.sandbox import SandboxProvider
from practicum.bus.events.base import Data
from practicum.errors import UsageError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.jobs.cancelling import cancel
from practicum.plugins.jobs.state import Job
from practicum.plugins.reading import parse_specification
from practicum.plugins.specification import PluginSpecification
from practicum.runtime.plugin_answer import answered
from practicum.runtime.plugin_toolchains import offline_kit
from practicum.runtime.plugin_work import PluginWork, Wanted
from practicum.runtime.plugins import PluginDesk, Publish

ALLOWED: frozenset[Capability] = frozenset({"fs"})
"""What plugins of agents may have beyond computing. The rest leads past the agent's charter, so a person grants it."""

_LONGEST_WAIT_S = 110.0
_JOB_S = 600.0
_MOST_JOBS = 20
"""In one run."""


class _Asked(BaseModel):
    """What an agent asks."""

    model_config = ConfigDict(extra="forbid")

    do: str
    specification: str = ""
    description: str = ""
    files: dict[str, str] | None = None
    job: str = ""
    wait_s: float = 0.0


class PluginJobDesk:
    """Answers `ask launcher plugin_job`. Who asks stands in the subject, which the broker has checked.

    What succeeds is installed into the fleet of the run at once, so that the team uses it without a restart.
    """

    def __init__(
        self,
        fleet: Fleet | None,
        work: PluginWork | None,
        publish: Publish,
        agents: Collection[str],
        group: asyncio.TaskGroup,
    ) -> None:
        """Without `fleet` and `work` the desk says that no plugins are made in this run."""
        self._fleet, self._work, self._publish, self._agents = fleet, work, publish, set(agents)
        self._group = group
        self._tasks: dict[str, asyncio.Task[Job]] = {}

    async def answer(self, source: str, body: bytes) -> bytes:
        """`{"do": "create" | "describe" | "status" | "cancel" | "list", ...}` -> `{"result"}` or `{"error"}`."""
        return await answered(_Asked, body, lambda asked: self._answer(source, asked))

    async def _answer(self, source: str, asked: _Asked) -> Any:
        if source not in self._agents or self._work is None:
            raise UsageError("no plugins are made in this run", hint="its scenario names none in `plugins`")
        match asked.do:
            case "create":
                spec = parse_specification(asked.specification)
                return await self._create(source, spec, asked.files, asked.wait_s)
            case "describe":
                from practicum.plugins.describing import describe

                described = await describe(asked.description, None)
                return await self._create(source, described.spec, asked.files, asked.wait_s)
            case "status":
                return await self._status(asked.job, asked.wait_s)
            case "cancel":
                self._own(asked.job)
                return shown(await cancel(self._work.jobs, asked.job, by=source))
            case "list":
                return [shown(self._work.jobs.get(job)) for job in self._tasks]
            case _:
                raise UsageError(f"{asked.do!r} cannot be asked of jobs", hint="create, describe, status, cancel, list")

    async def _create(
        self, agent: str, spec: PluginSpecification, files: dict[str, str] | None, wait_s: float
    ) -> dict[str, Any]:
        assert self._work is not None
        self._check(spec)
        self._work.check_new([spec])
        job = await self._work.queue(spec, Wanted(timeout_s=_JOB_S, install=True, by=agent), on_event=self._told)
        self._tasks[job.id] = self._group.create_task(self._make(job, files))
        return await self._status(job.id, wait_s)

    def _check(self, spec: PluginSpecification) -> None:
        """Refuse what an agent may not bring into its own run.

        Raises:
            UsageError: why.
        """
        assert self._work is not None
        beyond = [str(item) for item in spec.capabilities if item not in ALLOWED]
        beyond += list(spec.hosts) + [item.name for item in spec.environment]
        if beyond:
            raise UsageError(
                f"{spec.name} wants {', '.join(beyond)}, which an agent cannot grant",
                hint="leave it out, or ask an operator: practicum plugin create SPEC --install",
            )
        mine = {self._work.jobs.get(job).spec.name for job in self._tasks}
        if spec.name in self._work.plugins.names() and spec.name not in mine:
            raise UsageError(
                f"{spec.name} is installed, and was not made in this run", hint="use it, or give yours another name"
            )
        if len(self._tasks) >= _MOST_JOBS:
            raise UsageError(f"{_MOST_JOBS} plugins were asked for in this run")

    async def _make(self, job: Job, files: dict[str, str] | None) -> Job:
        assert self._work is not None
        return await self._work.make(job, on_event=self._told, install=self._install, given=files)

    async def _install(self, job: Job, artifact: Path) -> None:
        assert self._fleet is not None
        await self._fleet.install(artifact, spec=job.spec, job=job.id, checks=job.checks)

    async def _status(self, job: str, wait_s: float) -> dict[str, Any]:
        assert self._work is not None
        task = self._own(job)
        if wait_s > 0:
            await asyncio.wait({task}, timeout=min(wait_s, _LONGEST_WAIT_S))
        return shown(self._work.jobs.get(job))

    def _own(self, job: str) -> asyncio.Task[Job]:
        """Jobs of other runs, and the operator's, are none of the team's business."""
        task = self._tasks.get(job)
        if task is None:
            raise UsageError(f"this run has no job {job!r}", hint=", ".join(self._tasks) or "none was asked for")
        return task

    async def _told(self, data: Data) -> None:
        await self._publish(data, None)

    async def close(self) -> None:
        """Cancel what is not over, with everything that it started."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def shown(job: Job) -> dict[str, Any]:
    """A job as agents see it."""
    return {
        "job": job.id,
        "plugin": job.spec.name,
        "version": job.spec.version,
        "state": job.state,
        "iteration": job.iteration,
        "reason": job.reason,
        "errors": [f"{error.phase}: {error.message}"[:2000] for error in job.errors[-5:]],
        "checks": job.checks,
        "actions": [action.name for action in job.spec.actions],
    }


@asynccontextmanager
async def plugin_job_desk(
    plugins: PluginDesk, sandboxes: SandboxProvider, publish: Publish, agents: Collection[str]
) -> AsyncIterator[PluginJobDesk]:
    """The desk of a run; jobs that are not over at its end are cancelled."""
    with contextlib.ExitStack() as stack:
        work = None
        if plugins.fleet is not None:
            work = stack.enter_context(PluginWork(sandboxes=sandboxes, kit=offline_kit))
        async with asyncio.TaskGroup() as group:
            desk = PluginJobDesk(plugins.fleet, work, publish, agents, group)
            try:
                yield desk
            finally:
                await desk.close()
