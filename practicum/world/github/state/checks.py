"""Checks, statuses, workflow runs and what they leave behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from practicum.world.service import WorkflowTrigger


@dataclass
class CheckSuite:
    """The checks of one app on one commit."""

    id: int
    sha: str
    branch: str | None
    app: str
    created_at: datetime
    updated_at: datetime
    before: str | None = None


@dataclass
class CheckRun:
    """One check on one commit."""

    id: int
    suite: int
    name: str
    sha: str
    app: str
    status: str
    """`queued`, `in_progress`, `completed`."""
    started_at: datetime | None
    conclusion: str | None = None
    completed_at: datetime | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, object]] = field(default_factory=list)
    job: int | None = None
    """The job of a workflow run that reports through this check."""


@dataclass
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: datetime


@dataclass
class Workflow:
    """A file under `.github/workflows`, known from its first run."""

    id: int
    name: str
    path: str
    created_at: datetime


@dataclass
class Artifact:
    """A file that a job kept; downloads come as a zip."""

    id: int
    run: int
    name: str
    content: bytes
    created_at: datetime


@dataclass
class Job:
    """One job of a workflow run."""

    id: int
    run: int
    check: int
    name: str
    started_at: datetime
    completed_at: datetime | None = None
    conclusion: str | None = None
    log: str = ""


@dataclass
class WorkflowRun:
    """One execution of a workflow."""

    id: int
    workflow: int
    number: int
    """Counts the runs of one workflow, from 1."""
    suite: int
    trigger: WorkflowTrigger
    title: str
    created_at: datetime
    updated_at: datetime
    status: str = "in_progress"
    conclusion: str | None = None
    jobs: list[int] = field(default_factory=list)
    attempt: int = 1
