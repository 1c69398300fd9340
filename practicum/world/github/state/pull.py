"""Pull requests and reviews."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class ReviewComment:
    """A comment on a line or file of a pull request's diff."""

    id: int
    review: int | None
    user: str
    body: str
    path: str
    commit_id: str
    original_commit_id: str
    diff_hunk: str
    created_at: datetime
    updated_at: datetime
    line: int | None = None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None
    position: int | None = None
    in_reply_to: int | None = None
    subject_type: str = "line"


@dataclass
class Review:
    """One account's verdict on one commit of a pull request."""

    id: int
    user: str
    body: str
    state: str
    """`PENDING`, `COMMENTED`, `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`."""
    commit_id: str
    submitted_at: datetime | None = None
    original_state: str = ""
    """What it was before it was dismissed."""


@dataclass
class DiffSize:
    """The size of a pull request's difference."""

    commits: int
    additions: int
    deletions: int
    changed_files: int


@dataclass
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head_ref: str
    """The branch's name, without `refs/heads/`."""
    head_sha: str
    base_ref: str
    base_sha: str
    """The base branch's commit when the pull request was opened or last updated."""
    draft: bool = False
    maintainer_can_modify: bool = False
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    merge_base: str | None = None
    """Set when the pull request is merged or closed: the commit its difference is counted from."""
    requested_reviewers: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[ReviewComment] = field(default_factory=list)
    sizes: dict[tuple[str, str], DiffSize] = field(default_factory=dict)
    """Cache: (merge base, head) to size."""
    merges: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Cache: (base, head) to the tree of their merge; None for a conflict."""

    @property
    def merged(self) -> bool:
        return self.merged_at is not None
