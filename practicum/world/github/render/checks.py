"""Check runs, check suites, statuses."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.git.objects import Commit
from practicum.world.github.pulls.rules import contexts_of
from practicum.world.github.render.basics import Object, node_id, simple_user, stamp, stamp_or_none, user
from practicum.world.github.render.commits import simple_commit
from practicum.world.github.render.pulls import pulls_of_commit
from practicum.world.github.render.repositories import api_url, html_url, minimal_repository
from practicum.world.github.state import CheckRun, CheckSuite, Repository, Status


def app(core: Core, repo: Repository, slug: str) -> Object:
    """The schema `integration`: the app that a check belongs to."""
    return {
        "id": 15368,
        "slug": slug,
        "node_id": node_id("Integration", 15368),
        "client_id": "Iv1.practicum",
        "owner": simple_user(core, core.person(repo.owner)),
        "name": "GitHub Actions" if slug == "github-actions" else slug,
        "description": "",
        "external_url": core.html,
        "html_url": f"{core.html}/apps/{slug}",
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
        "permissions": {"checks": "write", "metadata": "read"},
        "events": [],
    }


def check_run(core: Core, repo: Repository, given: CheckRun) -> Object:
    """The schema `check-run`."""
    url = f"{api_url(core, repo)}/check-runs/{given.id}"
    page = f"{html_url(core, repo)}/runs/{given.id}"
    return {
        "id": given.id,
        "name": given.name,
        "node_id": node_id("CheckRun", given.id),
        "head_sha": given.sha,
        "external_id": given.external_id,
        "url": url,
        "html_url": page,
        "details_url": given.details_url or page,
        "status": given.status,
        "conclusion": given.conclusion,
        "started_at": stamp_or_none(given.started_at),
        "completed_at": stamp_or_none(given.completed_at),
        "output": {
            "title": given.title,
            "summary": given.summary,
            "text": given.text,
            "annotations_count": len(given.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": given.suite},
        "app": app(core, repo, given.app),
        "pull_requests": pulls_of_commit(core, repo, given.sha),
    }


def suite_state(repo: Repository, suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion of a suite, from its runs: the worst one counts."""
    runs = [check for check in repo.checks.values() if check.suite == suite.id]
    if not runs:
        return "queued", None
    if any(check.status != "completed" for check in runs):
        return "in_progress", None
    found = {check.conclusion for check in runs}
    worst = ("failure", "timed_out", "action_required", "cancelled", "success", "neutral", "skipped")
    return "completed", next((name for name in worst if name in found), "success")


def check_suite(core: Core, repo: Repository, suite: CheckSuite, commit: Commit) -> Object:
    """The schema `check-suite`."""
    url = f"{api_url(core, repo)}/check-suites/{suite.id}"
    status, conclusion = suite_state(repo, suite)
    return {
        "id": suite.id,
        "node_id": node_id("CheckSuite", suite.id),
        "head_branch": suite.branch,
        "head_sha": suite.sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": suite.before,
        "after": suite.sha,
        "pull_requests": pulls_of_commit(core, repo, suite.sha),
        "app": app(core, repo, suite.app),
        "repository": minimal_repository(core, repo),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
        "head_commit": simple_commit(commit),
        "latest_check_runs_count": sum(check.suite == suite.id for check in repo.checks.values()),
        "check_runs_url": f"{url}/check-runs",
    }


def status(core: Core, repo: Repository, given: Status) -> Object:
    """The schema `status`."""
    return {**simple_status(core, repo, given), "creator": user(core, given.creator)}


def simple_status(core: Core, repo: Repository, given: Status) -> Object:
    """The schema `simple-commit-status`."""
    creator = core.store.account(given.creator)
    return {
        "url": f"{api_url(core, repo)}/statuses/{given.sha}",
        "avatar_url": f"{core.html}/avatars/{creator.id if creator else 0}",
        "id": given.id,
        "node_id": node_id("StatusContext", given.id),
        "state": given.state,
        "description": given.description,
        "target_url": given.target_url,
        "context": given.context,
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.created_at),
    }


def combined_status(core: Core, repo: Repository, sha: str) -> Object:
    """The schema `combined-commit-status`: the last status of each context."""
    last = {each.context: each for each in repo.statuses if each.sha == sha}
    states = {context: state for context, state in contexts_of(repo, sha).items() if context in last}
    state = "pending"
    if last and "failure" in states.values():
        state = "failure"
    elif last and set(states.values()) == {"success"}:
        state = "success"
    shown: list[Json] = [simple_status(core, repo, each) for each in last.values()]
    api = api_url(core, repo)
    return {
        "state": state,
        "statuses": shown,
        "sha": sha,
        "total_count": len(shown),
        "repository": minimal_repository(core, repo),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }
