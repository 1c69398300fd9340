"""Pull requests: open, read, merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from practicum.agents.context import ToolContext
from practicum.agents.tools.github.client import Repo, with_repository
from practicum.agents.tools.github.shapes import ChangedFile, Merged, PullRequest, pull_of
from practicum.api.tool import tool

if TYPE_CHECKING:
    from github.Repository import Repository as GithubRepository


@tool(effect="once")
async def open_pull_request(
    context: ToolContext,
    title: str,
    head: Annotated[str, Field(description="The branch with the change, already pushed")],
    body: Annotated[str, Field(description="Write 'Closes #N' for the issue it solves")] = "",
    base: str = "main",
    repo: Repo = "",
) -> PullRequest:
    """Open a pull request."""
    return await with_repository(
        context, repo, lambda r: pull_of(r.create_pull(base=base, head=head, title=title, body=body))
    )


@tool(effect="read")
async def get_pull_request(context: ToolContext, number: int, repo: Repo = "") -> PullRequest:
    """Read a pull request."""
    return await with_repository(context, repo, lambda r: pull_of(r.get_pull(number)))


@tool(effect="read")
async def list_pull_requests(
    context: ToolContext, state: Literal["open", "closed", "all"] = "open", repo: Repo = ""
) -> list[PullRequest]:
    """List pull requests, oldest first."""
    return await with_repository(
        context,
        repo,
        lambda r: [pull_of(r.get_pull(item.number)) for item in r.get_pulls(state=state, direction="asc")],
    )


@tool(effect="read")
async def pull_request_files(context: ToolContext, number: int, repo: Repo = "") -> list[ChangedFile]:
    """What a pull request changes, file by file, with patches."""

    def work(r: GithubRepository) -> list[ChangedFile]:
        return [
            ChangedFile(
                path=item.filename,
                status=item.status,
                additions=item.additions,
                deletions=item.deletions,
                patch=item.patch or "",
            )
            for item in r.get_pull(number).get_files()
        ]

    return await with_repository(context, repo, work)


@tool(effect="once")
async def merge_pull_request(
    context: ToolContext,
    number: int,
    method: Literal["merge", "squash", "rebase"] = "merge",
    sha: Annotated[str, Field(description="Merge only when this is the head")] = "",
    repo: Repo = "",
) -> Merged:
    """Merge a pull request."""

    def work(r: GithubRepository) -> Merged:
        pull = r.get_pull(number)
        made = pull.merge(merge_method=method, sha=sha) if sha else pull.merge(merge_method=method)
        return Merged(sha=made.sha or "", message=made.message or "")

    return await with_repository(context, repo, work)


PULLS = (open_pull_request, get_pull_request, list_pull_requests, pull_request_files, merge_pull_request)
