"""Looking at GitHub: pull requests, issues, releases, checks. The same for a live and a simulated one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding
from practicum.bus.events import WorldChanged
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator, Expression
from practicum.scenarios.evaluators.patterns import search
from practicum.scenarios.evaluators.people import role_of, user_of, witnessed

Json = dict[str, Any]

_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?#(\d+)\b", re.IGNORECASE
)
"""Keywords that link a pull request to an issue. Source: GitHub Docs, "Linking a pull request to an issue"."""


async def get(evidence: Evidence, path: str, **params: str) -> Any:
    """GET from the scenario's repository.

    Raises:
        InfrastructureError: GitHub refused, or there is none.
    """
    status, value = await evidence.world.get("github", f"{repository_path(evidence)}{path}", params or None)
    if status >= 400:
        raise InfrastructureError(f"GitHub answered {status} for {path}")
    return value


def repository_path(evidence: Evidence) -> str:
    """`/repos/OWNER/NAME` of the scenario's repository.

    Raises:
        InfrastructureError: there is none.
    """
    repo = evidence.settings.get("repo")
    if not repo:
        raise InfrastructureError("the scenario has no repository")
    return f"/repos/{repo}"


async def merged_pulls(evidence: Evidence) -> list[Json]:
    """Every merged pull request, oldest first, as GitHub shows it alone, with its reviews under `reviews`."""
    found = []
    for item in await get(evidence, "/pulls", state="closed", per_page="100", sort="created", direction="asc"):
        if item.get("merged_at"):
            pull = await get(evidence, f"/pulls/{item['number']}")
            pull["reviews"] = await get(evidence, f"/pulls/{item['number']}/reviews", per_page="100")
            found.append(pull)
    return found


def approved_by_other(pull: Json) -> bool:
    """Whether somebody other than the author approved the commit that was merged, and did not take it back.

    GitHub weighs the last review of each person that is more than a comment; a review keeps the commit that it looked
    at, also after a force-push.
    """
    last: dict[str, Json] = {}
    for review in pull["reviews"]:
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            last[user_of(review)] = review
    last.pop(user_of(pull), None)
    head = pull["head"]["sha"]
    return any(review["state"] == "APPROVED" and review["commit_id"] == head for review in last.values())


class PullRequestMerged(BaseEvaluator, type="pull_request_merged"):
    """Pull requests were merged."""

    at_least: int = Field(default=1, ge=1)
    reviewed_by_other: bool = False
    """Each was approved, at the very commit that was merged, by another account than its author's."""
    changes_requested: int = Field(default=0, ge=0)
    """At least so many got a request for changes, then a new commit, then an approval."""
    parallel: bool = False
    """Two different authors had one open at the same time."""
    by_role: str = ""
    """Only those of this role's agents count."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        pulls = await merged_pulls(evidence)
        if self.by_role:
            pulls = [pull for pull in pulls if role_of(evidence, user_of(pull)) == self.by_role]
        numbers = [pull["number"] for pull in pulls]
        details: Json = {"merged": numbers}
        if len(pulls) < self.at_least:
            claim = "" if pulls else ", no pull request was merged"
            return Finding(False, f"{len(pulls)} of {self.at_least}{claim}", details=details)
        if self.reviewed_by_other:
            bare = [pull["number"] for pull in pulls if not approved_by_other(pull)]
            if bare:
                return Finding(False, f"#{bare[0]} was merged without another's approval of its head", details=details)
        if self.changes_requested:
            reworked = [pull["number"] for pull in pulls if _reworked(pull)]
            details["reworked"] = reworked
            if len(reworked) < self.changes_requested:
                text = f"{len(reworked)} of {self.changes_requested} were changed after a review asked for it"
                return Finding(False, text, details=details)
        if self.parallel and not _parallel(pulls, _lives(evidence)):
            return Finding(False, "no two authors had pull requests open at the same time", details=details)
        return Finding(True, f"{len(pulls)} merged: {', '.join(f'#{number}' for number in numbers)}", details=details)


def _reworked(pull: Json) -> bool:
    """A request for changes, later an approval of another commit. Reviews come in the order of their submission.

    One that was dismissed does not count: GitHub keeps no trace there of what it was, and stale approvals become it.
    """
    reviews: list[Json] = pull["reviews"]
    return any(
        early["state"] == "CHANGES_REQUESTED"
        and any(
            late["state"] == "APPROVED" and late["commit_id"] != early["commit_id"] for late in reviews[place + 1 :]
        )
        for place, early in enumerate(reviews)
    )


def _parallel(pulls: list[Json], lives: Mapping[int, tuple[int, int]]) -> bool:
    """Whether two, of different authors, were open at once.

    GitHub's times are whole seconds, and equal ones prove nothing; the order in which the changes were recorded does.
    """

    def at_once(one: Json, two: Json) -> bool:
        if one["created_at"] < two["merged_at"] and two["created_at"] < one["merged_at"]:
            return True
        first, second = lives.get(one["number"]), lives.get(two["number"])
        return first is not None and second is not None and first[0] < second[1] and second[0] < first[1]

    return any(user_of(one) != user_of(two) and at_once(one, two) for one, two in combinations(pulls, 2))


def _lives(evidence: Evidence) -> dict[int, tuple[int, int]]:
    """Of each pull request that was merged: where the record has it opened and merged. An agent's word is no record."""
    opened: dict[int, int] = {}
    found: dict[int, tuple[int, int]] = {}
    for place, event in enumerate(witnessed(evidence, WorldChanged)):
        body = event.body
        if not isinstance(body, WorldChanged):
            continue
        repo, _, number = body.resource.rpartition("#")
        if repo != evidence.settings.get("repo") or not number.isdecimal():
            continue
        if body.change == "github.pull_request.opened":
            opened.setdefault(int(number), place)
        elif body.change == "github.pull_request.merged" and int(number) in opened:
            found.setdefault(int(number), (opened[int(number)], place))
    return found


class IssuesResolved(BaseEvaluator, type="issues_resolved"):
    """Issues were closed by merged pull requests."""

    at_least: int = Field(default=1, ge=1)
    all: bool = True
    """None is left open."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        issues = [
            item for item in await get(evidence, "/issues", state="all", per_page="100") if not item.get("pull_request")
        ]
        linked = {number for pull in await merged_pulls(evidence) for number in closed_by(pull)}
        resolved = [item["number"] for item in issues if item["state"] == "closed" and item["number"] in linked]
        left = [item["number"] for item in issues if item["state"] == "open"]
        details: Json = {"resolved": sorted(resolved), "open": sorted(left)}
        if len(resolved) < self.at_least:
            return Finding(
                False, f"{len(resolved)} of {self.at_least} closed by a merged pull request", details=details
            )
        if self.all and left:
            return Finding(False, f"still open: {', '.join(f'#{number}' for number in sorted(left))}", details=details)
        return Finding(True, f"{len(resolved)} closed by merged pull requests", details=details)


def closed_by(pull: Json) -> set[int]:
    """The issues of its own repository that a pull request says it closes."""
    own = str(((pull.get("base") or {}).get("repo") or {}).get("full_name") or "").lower()
    text = f"{pull.get('title') or ''}\n{pull.get('body') or ''}"
    return {int(number) for other, number in _CLOSES.findall(text) if not other or other.lower() == own}


class IssueState(BaseEvaluator, type="issue_state"):
    """Issues with a label (or words in their title) are in a state."""

    label: str = ""
    title: Expression = ""
    """A regular expression."""
    state: Literal["open", "closed"] = "closed"
    author_role: str = ""
    at_least: int = Field(default=1, ge=1)

    async def evaluate(self, evidence: Evidence) -> Finding:
        found = []
        for item in await get(evidence, "/issues", state="all", per_page="100"):
            labels = {label["name"] for label in item["labels"]}
            if (
                not item.get("pull_request")
                and (not self.label or self.label in labels)
                and search(self.title, item["title"])
                and (not self.author_role or role_of(evidence, user_of(item)) == self.author_role)
            ):
                found.append(item)
        good = [item["number"] for item in found if item["state"] == self.state]
        what = f" labelled {self.label}" if self.label else ""
        text = f"{len(good)} of {self.at_least} issues{what} {self.state}"
        return Finding(len(good) >= self.at_least, text, details={"issues": good})


class ReleasePublished(BaseEvaluator, type="release_published"):
    """A release was published whose tag fits."""

    tag: Expression = r"^v\d+\.\d+"

    async def evaluate(self, evidence: Evidence) -> Finding:
        tags = [item["tag_name"] for item in await get(evidence, "/releases", per_page="100") if not item["draft"]]
        good = [tag for tag in tags if search(self.tag, tag)]
        if not good:
            return Finding(False, f"no release fits {self.tag!r}" + (f"; there is {', '.join(tags)}" if tags else ""))
        return Finding(True, f"released {', '.join(good)}", details={"version": good[0]})


class ChecksPassed(BaseEvaluator, type="checks_passed"):
    """The checks of a branch's last commit have all passed, and there was one."""

    branch: str = "main"

    async def evaluate(self, evidence: Evidence) -> Finding:
        if not await _has_branch(evidence, self.branch):
            return Finding(False, f"there is no branch {self.branch}")
        runs = await _check_runs(evidence, self.branch)
        if not runs:
            return Finding(False, f"no check ever ran on the head of {self.branch}")
        bad = [item["name"] for item in runs if item["conclusion"] not in ("success", "neutral", "skipped")]
        if bad:
            return Finding(False, f"not passed on {self.branch}: {', '.join(sorted(set(bad)))}")
        if all(item["conclusion"] == "skipped" for item in runs):
            return Finding(False, f"every check on {self.branch} was skipped")
        return Finding(True, f"{len(runs)} passed on {self.branch}")


async def _has_branch(evidence: Evidence, branch: str) -> bool:
    return any(item["name"] == branch for item in await get(evidence, "/branches", per_page="100"))


async def _check_runs(evidence: Evidence, branch: str) -> list[Json]:
    """The last run of each check. GitHub wraps this list, so its pages are counted here and not by `Link`."""
    found: list[Json] = []
    for page in range(1, 11):  # GitHub shows at most 1,000
        value = await get(evidence, f"/commits/{branch}/check-runs", per_page="100", page=str(page))
        found += value["check_runs"]
        if not value["check_runs"] or len(found) >= value["total_count"]:
            break
    return found
