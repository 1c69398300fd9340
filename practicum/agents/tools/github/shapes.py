"""What GitHub's tools answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from github.Issue import Issue as GithubIssue
    from github.PullRequest import PullRequest as GithubPullRequest


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


def issue_of(value: GithubIssue) -> Issue:
    """From PyGithub's."""
    return Issue(
        number=value.number,
        title=value.title,
        body=value.body or "",
        state=value.state,
        author=value.user.login,
        assignees=[user.login for user in value.assignees],
        labels=[label.name for label in value.labels],
    )


def pull_of(value: GithubPullRequest) -> PullRequest:
    """From PyGithub's."""
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
