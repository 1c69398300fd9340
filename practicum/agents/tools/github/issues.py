"""Issues and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from practicum.agents.context import ToolContext
from practicum.agents.tools.github.client import Repo, with_repository
from practicum.agents.tools.github.shapes import Comment, Issue, issue_of
from practicum.api.tool import tool

if TYPE_CHECKING:
    from github.Repository import Repository as GithubRepository


@tool(effect="once")
async def open_issue(
    context: ToolContext,
    title: str,
    body: str = "",
    labels: list[str] | None = None,
    assignees: list[str] | None = None,
    repo: Repo = "",
) -> Issue:
    """Open an issue."""
    return await with_repository(
        context,
        repo,
        lambda r: issue_of(r.create_issue(title, body=body, labels=labels or [], assignees=assignees or [])),
    )


@tool(effect="read")
async def get_issue(context: ToolContext, number: int, repo: Repo = "") -> Issue:
    """Read an issue."""
    return await with_repository(context, repo, lambda r: issue_of(r.get_issue(number)))


@tool(effect="read")
async def list_issues(
    context: ToolContext, state: Literal["open", "closed", "all"] = "open", repo: Repo = ""
) -> list[Issue]:
    """List issues, without pull requests, oldest first."""

    def work(r: GithubRepository) -> list[Issue]:
        found = [item for item in r.get_issues(state=state, direction="asc") if item.pull_request is None]
        return [issue_of(item) for item in found]

    return await with_repository(context, repo, work)


@tool(effect="idempotent")
async def assign_issue(context: ToolContext, number: int, assignees: list[str], repo: Repo = "") -> Issue:
    """Set who works on an issue."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(assignees=[*assignees])
        return issue_of(issue)

    return await with_repository(context, repo, work)


@tool(effect="idempotent")
async def label_issue(context: ToolContext, number: int, labels: list[str], repo: Repo = "") -> Issue:
    """Set an issue's labels."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(labels=labels)
        return issue_of(issue)

    return await with_repository(context, repo, work)


@tool(effect="idempotent")
async def close_issue(context: ToolContext, number: int, repo: Repo = "") -> Issue:
    """Close an issue."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(state="closed")
        return issue_of(issue)

    return await with_repository(context, repo, work)


@tool(effect="once")
async def comment(context: ToolContext, number: int, body: str, repo: Repo = "") -> Comment:
    """Comment on an issue or pull request."""

    def work(r: GithubRepository) -> Comment:
        made = r.get_issue(number).create_comment(body)
        return Comment(id=made.id, author=made.user.login, body=made.body)

    return await with_repository(context, repo, work)


@tool(effect="read")
async def list_comments(context: ToolContext, number: int, repo: Repo = "") -> list[Comment]:
    """Read the comments of an issue or pull request."""

    def work(r: GithubRepository) -> list[Comment]:
        found = r.get_issue(number).get_comments()
        return [Comment(id=item.id, author=item.user.login, body=item.body) for item in found]

    return await with_repository(context, repo, work)


ISSUES = (open_issue, get_issue, list_issues, assign_issue, label_issue, close_issue, comment, list_comments)
