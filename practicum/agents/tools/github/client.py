"""PyGithub through the gateway, in a thread: its calls block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError

if TYPE_CHECKING:
    from github import Github
    from github.Repository import Repository as GithubRepository

T = TypeVar("T")

_CALL_S = 60

Repo = Annotated[str, Field(description="owner/name; the scenario's repository when empty")]


def _client(context: ToolContext) -> Github:
    from github import Auth, Github

    access = context.service("github")
    return Github(
        auth=Auth.Token(access.token),
        base_url=access.url,
        user_agent=f"PyGithub practicum-cause/{context.cause}",
        timeout=30,
        per_page=100,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


async def with_repository(context: ToolContext, repo: str, work: Callable[[GithubRepository], T]) -> T:
    """Run PyGithub's blocking calls on a repository in a thread.

    Raises:
        ToolError: GitHub refused or did not answer; the message is what a model should read.
    """
    from github import GithubException, IncompletableObject

    name = repo or str(context.settings.get("repo", ""))
    if not name:
        raise ToolError("which repository? give owner/name")

    def run() -> T:
        with _client(context) as client:
            return work(client.get_repo(name, lazy=True))

    try:
        return await asyncio.wait_for(asyncio.to_thread(run), _CALL_S)
    except IncompletableObject as error:
        raise ToolError("GitHub answered with a part of an object, and without the `url` of the rest") from error
    except GithubException as error:
        detail = error.data.get("message", "") if isinstance(error.data, dict) else str(error.data)
        errors = error.data.get("errors") if isinstance(error.data, dict) else None
        raise ToolError(f"GitHub answered {error.status}: {detail}{f' {errors}' if errors else ''}") from error
    except TimeoutError as error:
        raise ToolError(f"GitHub did not answer within {_CALL_S} s") from error
