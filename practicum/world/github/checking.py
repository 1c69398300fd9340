"""Check suites and check runs: making them and telling their end."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github import webhooks
from practicum.world.github.core import Cause, Core
from practicum.world.github.render.basics import Object
from practicum.world.github.render.checks import check_run
from practicum.world.github.state import CheckRun, CheckSuite, Repository


def suite_for(core: Core, repo: Repository, sha: str, branch: str | None, app: str) -> CheckSuite:
    """The suite of an app on a commit; made on first use."""
    for suite in repo.suites.values():
        if (suite.sha, suite.app) == (sha, app):
            return suite
    now = core.now()
    suite = CheckSuite(core.next_id(), sha, branch, app, now, now)
    repo.suites[suite.id] = suite
    return suite


def branch_with(repo: Repository, sha: str) -> str | None:
    """A branch whose tip a commit is."""
    return next((name for name, tip in repo.git.branches().items() if tip == sha), None)


async def tell_completed(core: Core, repo: Repository, check: CheckRun, by: Cause) -> None:
    """Tell that a check ended."""
    repo.suites[check.suite].updated_at = core.now()
    pulls: list[Json] = [
        issue.number for issue in repo.open_pulls() if issue.pull is not None and issue.pull.head_sha == check.sha
    ]
    authors: list[Json] = [repo.issues[number].user for number in pulls if isinstance(number, int)]
    facts: Object = {
        "check": check.id,
        "name": check.name,
        "conclusion": check.conclusion,
        "sha": check.sha,
        "branch": branch_with(repo, check.sha),
        "pull_requests": pulls,
        "authors": authors,
        "title": check.title,
        "summary": check.summary,
        "url": check.details_url,
    }
    await core.changed("check.completed", repo, by, facts)
    await webhooks.fire(core, repo, "check_run", "completed", by, lambda: {"check_run": check_run(core, repo, check)})
