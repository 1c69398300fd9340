"""Repositories and the protection of their branches."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from practicum.world.github.git.repository import Git
from practicum.world.github.state.activity import Activity
from practicum.world.github.state.checks import Artifact, CheckRun, CheckSuite, Job, Status, Workflow, WorkflowRun
from practicum.world.github.state.hook import Hook
from practicum.world.github.state.issue import Issue, Label, Milestone
from practicum.world.github.state.release import Release


@dataclass
class Protection:
    """The rules of a protected branch; `None` where a rule is not set."""

    required_approvals: int | None = None
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    require_last_push_approval: bool = False
    contexts: list[str] | None = None
    strict: bool = False
    """The branch must be up to date with its base before it is merged."""
    enforce_admins: bool = False
    linear_history: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False
    conversation_resolution: bool = False
    push_allowed: list[str] | None = None
    """Logins that alone may push or merge."""


@dataclass
class Repository:
    """A repository with everything in it."""

    id: int
    owner: str
    name: str
    git: Git
    created_at: datetime
    updated_at: datetime
    private: bool = False
    description: str | None = None
    homepage: str | None = None
    default_branch: str = "main"
    pushed_at: datetime | None = None
    topics: list[str] = field(default_factory=list)
    archived: bool = False
    has_issues: bool = True
    has_projects: bool = True
    has_wiki: bool = True
    is_template: bool = False
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_auto_merge: bool = False
    allow_update_branch: bool = False
    delete_branch_on_merge: bool = False
    collaborators: dict[str, str] = field(default_factory=dict)
    """Login to role: `read`, `triage`, `write`, `maintain`, `admin`."""
    protections: dict[str, Protection] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    """By lower-case name: GitHub's labels differ in more than case."""
    milestones: dict[int, Milestone] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    last_number: int = 0
    suites: dict[int, CheckSuite] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    workflows: dict[int, Workflow] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    hooks: dict[int, Hook] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
    pushers: dict[str, str] = field(default_factory=dict)
    """Commit to the login whose credential first brought it in."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while refs change, so that what is announced is what happened, in that order."""

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def next_number(self) -> int:
        """The next number that issues and pull requests share."""
        self.last_number += 1
        return self.last_number

    def open_pulls(self) -> list[Issue]:
        """Open pull requests, oldest first."""
        return [issue for issue in self.issues.values() if issue.pull is not None and issue.state == "open"]
