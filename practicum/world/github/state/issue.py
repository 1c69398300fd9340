"""Issues, and what a pull request shares with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from practicum.world.github.state.pull import Pull


@dataclass
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str
    description: str | None = None
    default: bool = False


@dataclass
class Milestone:
    """A milestone of a repository."""

    id: int
    number: int
    title: str
    creator: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    state: str = "open"
    due_on: str | None = None
    closed_at: datetime | None = None


@dataclass
class Reaction:
    """One account's reaction to something."""

    id: int
    user: str
    content: str
    created_at: datetime


@dataclass
class Comment:
    """A comment in the conversation of an issue or pull request."""

    id: int
    number: int
    user: str
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class IssueEvent:
    """An entry of an issue's timeline that is not a comment."""

    id: int
    event: str
    actor: str
    created_at: datetime
    label: Label | None = None
    assignee: str | None = None
    reviewer: str | None = None
    milestone: str | None = None
    rename: tuple[str, str] | None = None
    commit_id: str | None = None
    lock_reason: str | None = None
    review: int | None = None
    message: str | None = None


@dataclass
class Issue:
    """An issue; with `pull` set it is a pull request, which shares number, labels and conversation."""

    id: int
    number: int
    title: str
    body: str | None
    user: str
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    milestone: int | None = None
    locked: bool = False
    lock_reason: str | None = None
    comments: list[Comment] = field(default_factory=list)
    events: list[IssueEvent] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    pull: Pull | None = None
