"""Workflows, their runs, jobs and artifacts."""

from __future__ import annotations

from datetime import timedelta

from practicum.world.github.core import Core
from practicum.world.github.git.objects import Commit
from practicum.world.github.render.basics import Object, node_id, stamp, stamp_or_none, user
from practicum.world.github.render.commits import simple_commit
from practicum.world.github.render.pulls import pulls_of_commit
from practicum.world.github.render.repositories import api_url, html_url, minimal_repository
from practicum.world.github.state import Artifact, Job, Repository, Workflow, WorkflowRun

_KEPT = timedelta(days=90)


def branch_of(run: WorkflowRun) -> str | None:
    """The branch that a run belongs to: a pull request's head branch, or that of the ref."""
    ref = run.trigger.ref
    pull = run.trigger.payload.get("pull_request")
    if isinstance(pull, dict) and isinstance(pull.get("head"), dict):
        head = pull["head"]
        return str(head.get("ref")) if isinstance(head, dict) else None
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def workflow(core: Core, repo: Repository, given: Workflow) -> Object:
    """The schema `workflow`."""
    html = html_url(core, repo)
    return {
        "id": given.id,
        "node_id": node_id("Workflow", given.id),
        "name": given.name,
        "path": given.path,
        "state": "active",
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.created_at),
        "url": f"{api_url(core, repo)}/actions/workflows/{given.id}",
        "html_url": f"{html}/blob/{repo.default_branch}/{given.path}",
        "badge_url": f"{html}/actions/{given.path}/badge.svg",
    }


def workflow_run(core: Core, repo: Repository, run: WorkflowRun, commit: Commit | None) -> Object:
    """The schema `workflow-run`."""
    api = api_url(core, repo)
    url = f"{api}/actions/runs/{run.id}"
    made = repo.workflows[run.workflow]
    return {
        "id": run.id,
        "name": made.name,
        "node_id": node_id("WorkflowRun", run.id),
        "head_branch": branch_of(run),
        "head_sha": run.trigger.sha,
        "path": made.path,
        "display_title": run.title,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.trigger.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": run.workflow,
        "check_suite_id": run.suite,
        "check_suite_node_id": node_id("CheckSuite", run.suite),
        "url": url,
        "html_url": f"{html_url(core, repo)}/actions/runs/{run.id}",
        "pull_requests": pulls_of_commit(core, repo, run.trigger.sha),
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "run_started_at": stamp(run.created_at),
        "actor": user(core, run.trigger.actor),
        "triggering_actor": user(core, run.trigger.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{api}/check-suites/{run.suite}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "workflow_url": f"{api}/actions/workflows/{run.workflow}",
        "previous_attempt_url": None,
        "referenced_workflows": [],
        "head_commit": simple_commit(commit) if commit else None,
        "repository": minimal_repository(core, repo),
        "head_repository": minimal_repository(core, repo),
    }


def job(core: Core, repo: Repository, given: Job) -> Object:
    """The schema `job`."""
    api = api_url(core, repo)
    run = repo.runs[given.run]
    return {
        "id": given.id,
        "run_id": run.id,
        "run_url": f"{api}/actions/runs/{run.id}",
        "run_attempt": run.attempt,
        "node_id": node_id("CheckRun", given.id),
        "head_sha": run.trigger.sha,
        "head_branch": branch_of(run),
        "workflow_name": repo.workflows[run.workflow].name,
        "url": f"{api}/actions/jobs/{given.id}",
        "html_url": f"{html_url(core, repo)}/actions/runs/{run.id}/job/{given.id}",
        "status": "completed" if given.conclusion else "in_progress",
        "conclusion": given.conclusion,
        "created_at": stamp(given.started_at),
        "started_at": stamp(given.started_at),
        "completed_at": stamp_or_none(given.completed_at),
        "name": given.name,
        "check_run_url": f"{api}/check-runs/{given.check}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "practicum",
        "runner_group_id": None,
        "runner_group_name": None,
        "steps": [],
    }


def artifact(core: Core, repo: Repository, given: Artifact) -> Object:
    """The schema `artifact`."""
    url = f"{api_url(core, repo)}/actions/artifacts/{given.id}"
    run = repo.runs[given.run]
    return {
        "id": given.id,
        "node_id": node_id("Artifact", given.id),
        "name": given.name,
        "size_in_bytes": len(given.content),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.created_at),
        "expires_at": stamp(given.created_at + _KEPT),
        "workflow_run": {
            "id": run.id,
            "repository_id": repo.id,
            "head_repository_id": repo.id,
            "head_branch": branch_of(run),
            "head_sha": run.trigger.sha,
        },
    }
