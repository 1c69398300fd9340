"""What one knows of the pull requests, the checks and the issues, from what one was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from practicum.agents.filters import facts
from practicum.agents.tools.github import PullRequest
from practicum.bus.event import Event
from practicum.bus.events import WorldChanged


@dataclass
class Pull:
    """A pull request."""

    number: int
    title: str
    author: str
    branch: str
    sha: str
    merged: bool = False
    approvals: dict[str, str] = field(default_factory=dict)
    """Reviewer to the commit that was approved."""
    seen: dict[str, bool] = field(default_factory=dict)
    """Commit to whether the lead found it good."""

    def approved_by(self, login: str) -> bool:
        """Whether somebody approved the present head."""
        return self.approvals.get(login) == self.sha

    @property
    def approved(self) -> bool:
        """Whether anybody but the author approved the present head."""
        return any(sha == self.sha for login, sha in self.approvals.items() if login != self.author)


@dataclass
class Known:
    """An issue."""

    number: int
    title: str
    labels: list[str]
    author: str
    assigned: bool = False


class Board:
    """Keeps what events say, in whatever order they come."""

    def __init__(self) -> None:
        self.pulls: dict[int, Pull] = {}
        self.issues: dict[int, Known] = {}
        self.checks: dict[str, str] = {}
        """Commit to conclusion."""

    def take(self, event: Event) -> None:
        """Fold an event in."""
        if not isinstance(event.data, WorldChanged) or not event.data.change.startswith("github."):
            return
        known = facts(event)
        match event.data.change.removeprefix("github."):
            case "pull_request.opened":
                number = known["number"]
                self.pulls.setdefault(
                    number, Pull(number, known["title"], known["author"], known["branch"], known["sha"])
                )
            case "pull_request.synchronized" if known["number"] in self.pulls:
                self.pulls[known["number"]].sha = known["sha"]
            case "pull_request.merged" if known["number"] in self.pulls:
                self.pulls[known["number"]].merged = True
            case "review.submitted" if known["state"] == "approved" and known["number"] in self.pulls:
                self.pulls[known["number"]].approvals[known["reviewer"]] = known["commit_id"]
            case "check.completed":
                self.checks[known["sha"]] = known["conclusion"]
            case "issue.opened":
                self.issues[known["number"]] = Known(known["number"], known["title"], known["labels"], known["author"])
            case _:
                pass

    def add(self, pull: PullRequest) -> Pull:
        """One's own pull request, of which no event tells oneself."""
        made = Pull(pull.number, pull.title, pull.author, pull.head, pull.head_sha)
        return self.pulls.setdefault(pull.number, made)

    def passed(self, sha: str) -> bool:
        """Whether the check of a commit has passed."""
        return self.checks.get(sha) == "success"

    def on(self, branch: str) -> Pull | None:
        """The pull request of a branch."""
        return next((pull for pull in self.pulls.values() if pull.branch == branch), None)

    def merged(self, *branches: str) -> bool:
        """Whether all of these branches' pull requests are merged."""
        return all((pull := self.on(branch)) is not None and pull.merged for branch in branches)
