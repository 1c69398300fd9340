"""Checks and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from practicum.agents.context import ToolContext
from practicum.agents.tools.github.client import Repo, with_repository
from practicum.agents.tools.github.shapes import Check, Release
from practicum.api.tool import tool

if TYPE_CHECKING:
    from github.Repository import Repository as GithubRepository


@tool(effect="read")
async def list_checks(
    context: ToolContext, ref: Annotated[str, Field(description="Branch, tag or commit")], repo: Repo = ""
) -> list[Check]:
    """The checks of a commit."""

    def work(r: GithubRepository) -> list[Check]:
        return [
            Check(
                name=item.name,
                status=item.status,
                conclusion=item.conclusion or "",
                title=item.output.title or "",
                summary=item.output.summary or "",
            )
            for item in r.get_commit(ref).get_check_runs()
        ]

    return await with_repository(context, repo, work)


@tool(effect="once")
async def create_release(
    context: ToolContext,
    tag: str,
    name: str = "",
    body: str = "",
    target: Annotated[str, Field(description="Branch or commit that the tag is put on")] = "main",
    repo: Repo = "",
) -> Release:
    """Publish a release; its tag is made when there is none."""

    def work(r: GithubRepository) -> Release:
        made = r.create_git_release(tag, name=name or tag, message=body, target_commitish=target)
        return Release(id=made.id, tag=made.tag_name, name=made.name or "", body=made.body or "")

    return await with_repository(context, repo, work)


RELEASES = (list_checks, create_release)
