"""GitHub, through PyGithub and the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

if TYPE_CHECKING:
    from github import Github
    from github.Issue import Issue as GithubIssue
    from github.PullRequest import PullRequest as GithubPullRequest
    from github.Repository import Repository as GithubRepository

T = TypeVar("T")

_CALL_S = 60

Repo = Annotated[str, Field(description="owner/name; the scenario's repository when empty")]


class Issue(BaseModel):
    """An issue."""

    number: int
    title: str
    body: str
    state: str
    author: str
    assignees: list[str]
    labels: list[str]


class Comment(BaseModel):
    """A comment on an issue or pull request."""

    id: int
    author: str
    body: str


class PullRequest(BaseModel):
    """A pull request."""

    number: int
    title: str
    body: str
    state: str
    author: str
    head: str
    base: str
    head_sha: str
    merged: bool
    mergeable: bool | None
    additions: int
    deletions: int
    changed_files: int


class Review(BaseModel):
    """A review of a pull request."""

    id: int
    author: str
    state: str
    body: str
    commit: str


class ReviewComment(BaseModel):
    """A remark at a line of a change."""

    path: str
    line: int
    body: str


class ChangedFile(BaseModel):
    """One file of a pull request."""

    path: str
    status: str
    additions: int
    deletions: int
    patch: str


class Check(BaseModel):
    """One check of a commit."""

    name: str
    status: str
    conclusion: str
    title: str
    summary: str


class Merged(BaseModel):
    """A pull request that was merged."""

    sha: str
    message: str


class Release(BaseModel):
    """A release."""

    id: int
    tag: str
    name: str
    body: str


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


async def _do(context: ToolContext, repo: str, work: Callable[[GithubRepository], T]) -> T:
    """Run PyGithub's blocking calls in a thread; its errors become the tool's."""
    from github import GithubException

    name = repo or str(context.settings.get("repo", ""))
    if not name:
        raise ToolError("which repository? give owner/name")

    def run() -> T:
        with _client(context) as client:
            return work(client.get_repo(name, lazy=True))

    try:
        return await asyncio.wait_for(asyncio.to_thread(run), _CALL_S)
    except GithubException as error:
        detail = error.data.get("message", "") if isinstance(error.data, dict) else str(error.data)
        errors = error.data.get("errors") if isinstance(error.data, dict) else None
        raise ToolError(f"GitHub answered {error.status}: {detail}{f' {errors}' if errors else ''}") from error
    except TimeoutError as error:
        raise ToolError(f"GitHub did not answer within {_CALL_S} s") from error


def _issue(value: GithubIssue) -> Issue:
    return Issue(
        number=value.number,
        title=value.title,
        body=value.body or "",
        state=value.state,
        author=value.user.login,
        assignees=[user.login for user in value.assignees],
        labels=[label.name for label in value.labels],
    )


def _pull(value: GithubPullRequest) -> PullRequest:
    return PullRequest(
        number=value.number,
        title=value.title,
        body=value.body or "",
        state=value.state,
        author=value.user.login,
        head=value.head.ref,
        base=value.base.ref,
        head_sha=value.head.sha,
        merged=value.merged,
        mergeable=value.mergeable,
        additions=value.additions,
        deletions=value.deletions,
        changed_files=value.changed_files,
    )


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
    return await _do(
        context,
        repo,
        lambda r: _issue(r.create_issue(title, body=body, labels=labels or [], assignees=assignees or [])),
    )


@tool(effect="read")
async def get_issue(context: ToolContext, number: int, repo: Repo = "") -> Issue:
    """Read an issue."""
    return await _do(context, repo, lambda r: _issue(r.get_issue(number)))


@tool(effect="read")
async def list_issues(
    context: ToolContext, state: Literal["open", "closed", "all"] = "open", repo: Repo = ""
) -> list[Issue]:
    """List issues, without pull requests, oldest first."""

    def work(r: GithubRepository) -> list[Issue]:
        found = [item for item in r.get_issues(state=state, direction="asc") if item.pull_request is None]
        return [_issue(item) for item in found]

    return await _do(context, repo, work)


@tool(effect="idempotent")
async def assign_issue(context: ToolContext, number: int, assignees: list[str], repo: Repo = "") -> Issue:
    """Set who works on an issue."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(assignees=[*assignees])
        return _issue(issue)

    return await _do(context, repo, work)


@tool(effect="idempotent")
async def label_issue(context: ToolContext, number: int, labels: list[str], repo: Repo = "") -> Issue:
    """Set an issue's labels."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(labels=labels)
        return _issue(issue)

    return await _do(context, repo, work)


@tool(effect="idempotent")
async def close_issue(context: ToolContext, number: int, repo: Repo = "") -> Issue:
    """Close an issue."""

    def work(r: GithubRepository) -> Issue:
        issue = r.get_issue(number)
        issue.edit(state="closed")
        return _issue(issue)

    return await _do(context, repo, work)


@tool(effect="once")
async def comment(context: ToolContext, number: int, body: str, repo: Repo = "") -> Comment:
    """Comment on an issue or pull request."""

    def work(r: GithubRepository) -> Comment:
        made = r.get_issue(number).create_comment(body)
        return Comment(id=made.id, author=made.user.login, body=made.body)

    return await _do(context, repo, work)


@tool(effect="read")
async def list_comments(context: ToolContext, number: int, repo: Repo = "") -> list[Comment]:
    """Read the comments of an issue or pull request."""

    def work(r: GithubRepository) -> list[Comment]:
        found = r.get_issue(number).get_comments()
        return [Comment(id=item.id, author=item.user.login, body=item.body) for item in found]

    return await _do(context, repo, work)


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
    return await _do(context, repo, lambda r: _pull(r.create_pull(base=base, head=head, title=title, body=body)))


@tool(effect="read")
async def get_pull_request(context: ToolContext, number: int, repo: Repo = "") -> PullRequest:
    """Read a pull request."""
    return await _do(context, repo, lambda r: _pull(r.get_pull(number)))


@tool(effect="read")
async def list_pull_requests(
    context: ToolContext, state: Literal["open", "closed", "all"] = "open", repo: Repo = ""
) -> list[PullRequest]:
    """List pull requests, oldest first."""
    return await _do(
        context, repo, lambda r: [_pull(r.get_pull(item.number)) for item in r.get_pulls(state=state, direction="asc")]
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

    return await _do(context, repo, work)


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

    return await _do(context, repo, work)


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

    return await _do(context, repo, work)


@tool(effect="idempotent")
async def request_review(context: ToolContext, number: int, reviewers: list[str], repo: Repo = "") -> bool:
    """Ask people to review a pull request."""

    def work(r: GithubRepository) -> bool:
        r.get_pull(number).create_review_request(reviewers=reviewers)
        return True

    return await _do(context, repo, work)


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

    return await _do(context, repo, work)


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

    return await _do(context, repo, work)


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

    return await _do(context, repo, work)


GITHUB = (
    open_issue,
    get_issue,
    list_issues,
    assign_issue,
    label_issue,
    close_issue,
    comment,
    list_comments,
    open_pull_request,
    get_pull_request,
    list_pull_requests,
    pull_request_files,
    review_pull_request,
    list_reviews,
    request_review,
    merge_pull_request,
    list_checks,
    create_release,
)
