"""Starts the workflows that listen to an event, and reports each of their jobs as a check."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from practicum.bus.events import Json
from practicum.errors import InvalidFileError
from practicum.world.actions.announce import Announcer
from practicum.world.actions.contexts import github_context
from practicum.world.actions.expression import ExpressionError, Scope, render
from practicum.world.actions.git import Git, GitError
from practicum.world.actions.job import JobResult
from practicum.world.actions.located import Located, load
from practicum.world.actions.matrix import Combination
from practicum.world.actions.schedule import Leg, Means, WorkflowRun
from practicum.world.actions.triggers import listens
from practicum.world.actions.workflow import Job, Workflow, parse_document, parse_on, read_name
from practicum.world.background import Background
from practicum.world.service import CheckSink, WorkflowTrigger, WorldContext

CONCURRENCY = 2
"""Jobs that execute at the same time, over all workflows."""

_NOTHING = "0" * 40


class Actions:
    """The `WorkflowRunner` of the world: reads `.github/workflows` at a commit and really executes the jobs."""

    def __init__(self, context: WorldContext) -> None:
        self._context = context
        self._directory = context.directory / "actions"
        self._directory.mkdir(parents=True, exist_ok=True)
        self._git = Git(self._directory)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._background = Background(context.spawn)

    async def trigger(self, trigger: WorkflowTrigger, sink: CheckSink) -> int:
        """See `WorkflowRunner.trigger`. An invalid workflow file counts as one job, which fails.

        Raises:
            GitError: the commit is not in the repository.
        """
        announcer = Announcer(self._context, trigger, sink)
        started = 0
        for path, text in (await self._git.workflow_files(trigger.repository, trigger.sha)).items():
            if trigger.event == "workflow_dispatch" and trigger.payload.get("workflow", path) != path:
                continue  # a dispatch is for one workflow; without its name, for all that listen
            name = path
            try:
                document = load(path, text)
                name = read_name(path, document)
                if not await self._listens(document, trigger):
                    continue
                workflow = parse_document(path, document)
            except InvalidFileError as error:
                started += await self._refuse(name, error, trigger, announcer)
                continue
            started += await self._start(workflow, trigger, announcer)
        return started

    async def close(self) -> None:
        """End every job that is running; nothing of it is left when this returns."""
        await self._background.cancel()

    async def _listens(self, document: Located, trigger: WorkflowTrigger) -> bool:
        async def changed() -> Sequence[str] | None:
            return await self._changed(trigger)

        on = document.mapping().get("on")
        if on is None:
            raise document.fail("a workflow needs 'on'")
        return await listens(parse_on(on), trigger, changed)

    async def _changed(self, trigger: WorkflowTrigger) -> Sequence[str] | None:
        base, since_fork = str(trigger.payload.get("before") or ""), False
        pull = trigger.payload.get("pull_request")
        if isinstance(pull, dict) and isinstance(pull.get("base"), dict):
            origin = pull["base"]
            base, since_fork = str(origin.get("sha") or "") if isinstance(origin, dict) else "", True
        if not base or base == _NOTHING:
            return None
        try:
            return await self._git.changed_files(trigger.repository, base, trigger.sha, since_fork=since_fork)
        except GitError:
            return None  # a forced push may have lost its base; GitHub then runs the workflow, too

    async def _refuse(self, name: str, error: InvalidFileError, trigger: WorkflowTrigger, announcer: Announcer) -> int:
        """Show an invalid file as a failed check: on the push that brings it, not again on what follows from it."""
        if trigger.event not in ("push", "workflow_dispatch"):
            return 0
        announced = await announcer.announce(name, "workflow file")
        text = str(error)
        result = JobResult("failure", f"invalid workflow file: {error.message}"[:200], text, text + "\n")
        self._background.start(announcer.finish(announced, result))
        return 1

    async def _start(self, workflow: Workflow, trigger: WorkflowTrigger, announcer: Announcer) -> int:
        run = str(secrets.randbelow(9 * 10**9) + 10**9)
        legs = []
        for job in workflow.jobs.values():
            github = github_context(
                trigger, workflow=workflow.name, job=job.id, run=run, base_url=self._context.base_url
            )
            for combination in job.combinations:
                announced = await announcer.announce(workflow.name, _display_name(job, combination, github))
                legs.append(Leg(job, combination, github, announced))
        means = Means(
            self._context.sandboxes,
            self._git,
            self._context.clock,
            self._slots,
            self._directory,
            f"{self._context.base_url}/git/{trigger.repo}.git",
        )
        self._background.start(WorkflowRun(workflow, trigger, legs, announcer, means).run())
        return len(legs)


def _display_name(job: Job, combination: Combination, github: dict[str, Json]) -> str:
    """GitHub's name of a check: the job's own name, with the matrix values behind it unless the name uses them."""
    if job.name and "${{" in job.name:
        try:
            return render(job.name, Scope({"github": github, "matrix": dict(combination.values)}))[:200]
        except ExpressionError:
            return job.name[:200]
    return f"{job.name or job.id} {combination.label}".strip()[:200]
