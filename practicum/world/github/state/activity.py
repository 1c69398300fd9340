"""What happened to the refs of a repository, and who pushed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ActivityType = Literal["push", "force_push", "branch_creation", "branch_deletion", "pr_merge"]


@dataclass(frozen=True)
class Activity:
    """One change of one ref: the entry of GitHub's repository activity view."""

    id: int
    ref: str
    before: str
    """Forty zeros for a ref that is new."""
    after: str
    """Forty zeros for a ref that is gone."""
    kind: ActivityType
    actor: str
    """The account whose credential did it, whatever the commits say about their authors."""
    at: datetime
    commits: tuple[str, ...]
    """Commits that the repository had not seen before, newest first."""
