"""Looking at how a repository came to be what it is."""

from __future__ import annotations

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding
from practicum.bus.events import Json
from practicum.scenarios.evaluators.base import BaseEvaluator, Expression
from practicum.scenarios.evaluators.github import get
from practicum.scenarios.evaluators.patterns import search
from practicum.scenarios.evaluators.people import accounts, login_of, logins
from practicum.scenarios.evaluators.repository import commits_on, pushers_of
from practicum.scenarios.gitlog import Commit


class GitHistory(BaseEvaluator, type="git_history"):
    """The team made commits, each pushed by the account that it names as its author. Merges do not count."""

    branch: str = "main"
    at_least: int = Field(default=1, ge=1)
    authors: int = Field(default=1, ge=1)
    """By at least so many agents."""
    by_role: str = ""
    """Only those of this role's agents count."""
    matches: Expression = ""
    """Only those whose subject fits this regular expression count."""
    path: str = ""
    """Only those that change a path with this in it count."""
    every_subject: Expression = ""
    """The subject of each of the team's commits fits this regular expression: a convention."""
    never_rewritten: bool = False
    """Nobody pushed to the branch with force."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        if self.never_rewritten:
            forced = await self._forced(evidence)
            if forced:
                return Finding(False, f"{self.branch} was rewritten by {forced[0]}", details={"forced_by": [*forced]})
        own = await self._own(evidence)
        if self.every_subject:
            bad = [commit for commit, _ in own if not search(self.every_subject, commit.subject)]
            if bad:
                text = f"{bad[0].sha[:8]} {bad[0].subject!r} does not fit {self.every_subject!r}"
                return Finding(False, text, details={"misfits": [commit.sha for commit in bad[:50]]})
        good = [(commit, agent) for commit, agent in own if self._counts(evidence, commit, agent)]
        by = sorted({agent for _, agent in good})
        details: dict[str, Json] = {"commits": [commit.sha for commit, _ in good[:100]], "authors": [*by]}
        what = f" that say {self.matches!r}" if self.matches else ""
        if len(good) < self.at_least:
            return Finding(False, f"{len(good)} of {self.at_least} commits on {self.branch}{what}", details=details)
        if len(by) < self.authors:
            return Finding(False, f"{len(by)} of {self.authors} agents have commits on {self.branch}", details=details)
        return Finding(True, f"{len(good)} commits on {self.branch}{what} by {', '.join(by)}", details=details)

    async def _own(self, evidence: Evidence) -> list[tuple[Commit, str]]:
        """The team's commits, each with its agent."""
        commits = await commits_on(evidence, self.branch)
        pushers = await pushers_of(evidence, commits)
        known, own = accounts(evidence, "github"), logins(evidence, "github")
        found = []
        for commit in commits.values():
            agent = known.get(login_of(commit.email))
            if agent is not None and len(commit.parents) < 2 and pushers.get(commit.sha) in own[agent]:
                found.append((commit, agent))
        return found

    def _counts(self, evidence: Evidence, commit: Commit, agent: str) -> bool:
        return (
            (not self.by_role or evidence.team[agent] == self.by_role)
            and (not self.path or commit.touches(self.path))
            and (not self.matches or search(self.matches, commit.subject) is not None)
        )

    async def _forced(self, evidence: Evidence) -> list[str]:
        """Who pushed to the branch with force.

        Source: GitHub REST, "List repository activities": `activity_type` is `force_push`, `ref` the full name.
        """
        activity = await get(evidence, "/activity", per_page="100", direction="asc")
        return [
            str((item["actor"] or {}).get("login") or "somebody")
            for item in activity
            if item["activity_type"] == "force_push" and item["ref"] == f"refs/heads/{self.branch}"
        ]
