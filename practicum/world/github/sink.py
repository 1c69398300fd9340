"""Where the workflow runner reports: its jobs become check runs and workflow runs."""

from __future__ import annotations

from collections.abc import Mapping

from practicum.world.github import webhooks
from practicum.world.github.checking import suite_for, tell_completed
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import not_found
from practicum.world.github.render.actions import branch_of
from practicum.world.github.render.actions import workflow_run as render_run
from practicum.world.github.render.checks import check_run as render_check
from practicum.world.github.render.repositories import html_url
from practicum.world.github.state import Artifact, CheckRun, Job, Repository, Workflow, WorkflowRun
from practicum.world.service import WorkflowTrigger

APP = "github-actions"


class Sink:
    """The `CheckSink` of the simulated GitHub."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._where: dict[int, Repository] = {}

    async def check_started(self, trigger: WorkflowTrigger, workflow: str, job: str) -> int:
        """Show a job as a check in progress. `workflow` is the file's path, or the workflow's name."""
        core = self._core
        repo = core.store.repository(trigger.repo)
        if repo is None:
            raise not_found()
        run = await self._run(repo, trigger, workflow)
        now = core.now()
        check = CheckRun(core.next_id(), run.suite, job, trigger.sha, APP, "in_progress", now)
        made = Job(core.next_id(), run.id, check.id, job, now)
        check.job = made.id
        check.details_url = f"{html_url(core, repo)}/actions/runs/{run.id}/job/{made.id}"
        repo.checks[check.id], repo.jobs[made.id] = check, made
        run.jobs.append(made.id)
        self._where[check.id] = repo
        by = Cause(trigger.actor, trigger.cause)
        await webhooks.fire(
            core, repo, "check_run", "created", by, lambda: {"check_run": render_check(core, repo, check)}
        )
        return check.id

    async def _run(self, repo: Repository, trigger: WorkflowTrigger, name: str) -> WorkflowRun:
        core, now = self._core, self._core.now()
        workflow = next((each for each in repo.workflows.values() if name in (each.path, each.name)), None)
        if workflow is None:
            path = name if name.startswith(".github/") else f".github/workflows/{name}.yml"
            workflow = Workflow(core.next_id(), name, path, now)
            repo.workflows[workflow.id] = workflow
        for run in repo.runs.values():
            if run.trigger is trigger and run.workflow == workflow.id:
                return run
        number = sum(run.workflow == workflow.id for run in repo.runs.values()) + 1
        title = (await repo.git.commit(trigger.sha)).message.partition("\n")[0]
        run = WorkflowRun(core.next_id(), workflow.id, number, 0, trigger, title, now, now)
        run.suite = suite_for(core, repo, trigger.sha, branch_of(run), APP).id
        repo.runs[run.id] = run
        return run

    async def check_completed(
        self, check: int, *, conclusion: str, title: str, summary: str, log: str, artifacts: Mapping[str, bytes]
    ) -> None:
        """Show how a job ended, keep its log and artifacts, and tell it."""
        core, repo = self._core, self._where.pop(check)
        found, now = repo.checks[check], core.now()
        found.status, found.conclusion, found.completed_at = "completed", conclusion, now
        found.title, found.summary = title, summary
        job = repo.jobs[found.job or 0]
        job.conclusion, job.completed_at, job.log = conclusion, now, log
        run = repo.runs[job.run]
        for name, content in artifacts.items():
            artifact = Artifact(core.next_id(), run.id, name, content, now)
            repo.artifacts[artifact.id] = artifact
        by = Cause(run.trigger.actor, run.trigger.cause)
        conclusions = [repo.jobs[number].conclusion for number in run.jobs]
        if None not in conclusions:
            run.status, run.updated_at = "completed", now
            order = ("failure", "timed_out", "cancelled", "success", "skipped")
            run.conclusion = next((each for each in order if each in conclusions), "success")
        await tell_completed(core, repo, found, by)
        if run.status == "completed":
            commit = await repo.git.commit(run.trigger.sha)
            await webhooks.fire(
                core,
                repo,
                "workflow_run",
                "completed",
                by,
                lambda: {"workflow_run": render_run(core, repo, run, commit)},
            )
