"""Closing issues, by hand and by the keywords of commits and pull requests."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.world.github import webhooks
from practicum.world.github.core import Cause, Core
from practicum.world.github.facts import issue_facts
from practicum.world.github.git.objects import Commit
from practicum.world.github.render.issues import issue as render_issue
from practicum.world.github.state import Issue, IssueEvent, Repository
from practicum.world.github.text import closes


async def close_issue(
    core: Core, repo: Repository, issue: Issue, by: Cause, *, reason: str = "completed", commit: str | None = None
) -> None:
    """Close an issue (not a pull request) and tell it."""
    now = core.now()
    issue.state, issue.state_reason = "closed", reason
    issue.closed_at, issue.updated_at, issue.closed_by = now, now, by.actor
    issue.events.append(IssueEvent(core.next_id(), "closed", by.actor, now, commit_id=commit))
    await core.changed(
        "issue.closed",
        repo,
        by,
        {**issue_facts(core, repo, issue), "reason": reason, "closed_by": by.actor, "sha": commit},
        number=issue.number,
    )
    await webhooks.fire(core, repo, "issues", "closed", by, lambda: {"issue": render_issue(core, repo, issue)})


async def close_by_text(core: Core, repo: Repository, text: str, by: Cause, commit: str | None) -> None:
    """Close the open issues that a text names with a closing keyword."""
    for number in closes(text, repo.full_name):
        found = repo.issues.get(number)
        if found is not None and found.pull is None and found.state == "open":
            await close_issue(core, repo, found, by, commit=commit)


async def close_by_commits(core: Core, repo: Repository, commits: Sequence[Commit], by: Cause) -> None:
    """Close what the messages of new commits of the default branch name."""
    for commit in reversed(commits):
        await close_by_text(core, repo, commit.message, by, commit.sha)
