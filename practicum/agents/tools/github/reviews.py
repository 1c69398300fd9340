"""Reviews of pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from practicum.agents.context import ToolContext
from practicum.agents.tools.github.client import Repo, with_repository
from practicum.agents.tools.github.shapes import Review, ReviewComment
from practicum.api.tool import tool

if TYPE_CHECKING:
    from github.Repository import Repository as GithubRepository


@tool(effect="once")
async def review_pull_request(
    context: ToolContext,
    number: int,
    event: Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"],
    body: str = "",
    comments: list[ReviewComment] | None = None,
    repo: Repo = "",
) -> Review:
    """Review a pull request at its present head."""

    def work(r: GithubRepository) -> Review:
        pull = r.get_pull(number)
        remarks = [
            {"path": item.path, "line": item.line, "side": "RIGHT", "body": item.body} for item in comments or []
        ]
        made = pull.create_review(
            commit=r.get_commit(pull.head.sha),
            body=body,
            event=event,
            comments=remarks,  # type: ignore[arg-type]
        )
        return Review(id=made.id, author=made.user.login, state=made.state, body=made.body, commit=made.commit_id)

    return await with_repository(context, repo, work)


@tool(effect="read")
async def list_reviews(context: ToolContext, number: int, repo: Repo = "") -> list[Review]:
    """Read the reviews of a pull request."""

    def work(r: GithubRepository) -> list[Review]:
        return [
            Review(
                id=item.id, author=item.user.login, state=item.state, body=item.body or "", commit=item.commit_id or ""
            )
            for item in r.get_pull(number).get_reviews()
        ]

    return await with_repository(context, repo, work)


@tool(effect="idempotent")
async def request_review(context: ToolContext, number: int, reviewers: list[str], repo: Repo = "") -> bool:
    """Ask people to review a pull request."""

    def work(r: GithubRepository) -> bool:
        r.get_pull(number).create_review_request(reviewers=reviewers)
        return True

    return await with_repository(context, repo, work)


REVIEWS = (review_pull_request, list_reviews, request_review)
