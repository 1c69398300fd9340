"""Looking into the repository itself: who committed, what is in it, and whether its tests pass when we run them."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding
from practicum.api.sandbox import Limits
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator, Expression
from practicum.scenarios.evaluators.github import get, merged_pulls
from practicum.scenarios.evaluators.patterns import search
from practicum.scenarios.evaluators.people import accounts, login_of, logins, role_of
from practicum.scenarios.gitlog import Commit, commit_of, history, show_file

_TESTS = Limits(wall_s=120, cpu_s=120)


def repository(evidence: Evidence) -> str:
    """The scenario's repository.

    Raises:
        InfrastructureError: it has none.
    """
    repo = evidence.settings.get("repo")
    if not repo:
        raise InfrastructureError("the scenario has no repository")
    return str(repo)


async def checkout(evidence: Evidence, ref: str) -> Path | None:
    """The files of a commit of the scenario's repository in a new folder; None where there is no such commit."""
    repo = repository(evidence)
    commit = await commit_of(await evidence.world.clone(repo), ref)
    return None if commit is None else await evidence.workbench.checkout(repo, commit)


class ContributorsInclude(BaseEvaluator, type="contributors_include"):
    """Agents of each role have commits on a branch, made and pushed by themselves.

    A pull request that was merged by squashing or rebasing left other commits on the branch than it held: then the
    commits of its head count, since only those were pushed by somebody.
    """

    roles: tuple[str, ...] = Field(min_length=1)
    branch: str = "main"

    async def evaluate(self, evidence: Evidence) -> Finding:
        commits = await commits_on(evidence, self.branch)
        pushers = await pushers_of(evidence, commits)
        counted: dict[str, int] = dict.fromkeys(self.roles, 0)
        forged = []
        known, own_logins = accounts(evidence, "github"), logins(evidence, "github")
        for commit in commits.values():
            login = login_of(commit.email)
            agent, pusher = known.get(login), pushers.get(commit.sha)
            if agent is None or pusher is None or len(commit.parents) > 1:
                continue
            role = evidence.team[agent]
            if pusher not in own_logins[agent]:
                forged.append(f"{commit.sha[:8]} says {login}, but {pusher or 'somebody'} pushed it")
            elif role in counted:
                counted[role] += 1
        details: dict[str, Any] = {"commits": counted, "forged": forged}
        if forged:
            return Finding(False, f"forged author: {forged[0]}", details=details)
        missing = [role for role, count in counted.items() if not count]
        if missing:
            return Finding(False, f"no commit on {self.branch} by: {', '.join(missing)}", details=details)
        return Finding(True, ", ".join(f"{role} {count}" for role, count in counted.items()), details=details)


async def commits_on(evidence: Evidence, branch: str) -> dict[str, Commit]:
    """By id: the commits of a branch, and those of the pull requests that were merged into it in whatever way."""
    mirror = await evidence.world.clone(repository(evidence))
    commits = {commit.sha: commit for commit in await history(mirror, branch)}
    for pull in await merged_pulls(evidence):
        if pull["base"]["ref"] == branch:
            own = await history(mirror, pull["head"]["sha"], exclude=pull["base"]["sha"])
            commits |= {commit.sha: commit for commit in own}
    return commits


async def pushers_of(evidence: Evidence, commits: Mapping[str, Commit]) -> dict[str, str | None]:
    """Commit to the account whose credential first brought it in; None for what GitHub made itself by merging.

    Source: GitHub's repository activity ("List repository activities"), oldest first. A commit that came with several
    pushes counts for the first.
    """
    activity = await get(evidence, "/activity", per_page="100", direction="asc")
    found: dict[str, str | None] = {}
    for item in sorted(activity, key=lambda entry: (entry["timestamp"], entry["id"])):
        if item["activity_type"] == "branch_deletion":
            continue
        merged = item["activity_type"] in ("pr_merge", "merge_queue_merge")
        pusher = None if merged else str((item["actor"] or {}).get("login") or "")
        pending = [item["after"]]
        while pending:
            sha = pending.pop()
            commit = commits.get(sha)
            if commit is None or sha in found or sha == item["before"]:
                continue
            found[sha] = pusher
            pending += commit.parents
    return found


def pushed_by_author(evidence: Evidence, commit: Commit, pushers: Mapping[str, str | None]) -> bool:
    """Whether the account that brought a commit in is one of the agent's whom the commit names as its author."""
    agent = accounts(evidence, "github").get(login_of(commit.email))
    return agent is not None and pushers.get(commit.sha) in logins(evidence, "github")[agent]


class RepositoryFile(BaseEvaluator, type="repository_file"):
    """A file is in the repository, and says something."""

    path: str
    branch: str = "main"
    matches: Expression = ""
    """A regular expression, searched in the whole file."""
    author_role: str = ""
    """The role whose agent wrote it first."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        mirror = await evidence.world.clone(repository(evidence))
        text = await show_file(mirror, self.branch, self.path)
        if text is None:
            return Finding(False, f"{self.path} is not on {self.branch}")
        if self.matches and not search(self.matches, text):
            return Finding(False, f"{self.path} does not say {self.matches!r}")
        if self.author_role:
            commits = await history(mirror, self.branch, path=self.path)
            author = login_of(commits[-1].email) if commits else ""
            if role_of(evidence, author) != self.author_role:
                return Finding(False, f"{self.path} was written by {author or 'nobody'}, not by {self.author_role}")
            forger = await self._forger(evidence, commits[-1])
            if forger:
                return Finding(False, f"forged author: {self.path} says {author}, but {forger} pushed it")
        return Finding(True, f"{self.path}: {len(text.splitlines())} lines")

    async def _forger(self, evidence: Evidence, first: Commit) -> str:
        """Who else pushed what a commit brought, under its author's name; empty where the author did.

        What GitHub made itself, by squashing or rebasing, was pushed by nobody: then those commits of the merged pull
        requests count that it was made of.
        """
        commits = await commits_on(evidence, self.branch)
        pushers = await pushers_of(evidence, commits)
        made_of = [first]
        if pushers.get(first.sha) is None:
            made_of = [one for one in commits.values() if one.email == first.email and self.path in one.files]
        if any(pushed_by_author(evidence, one, pushers) for one in made_of):
            return ""
        return next(filter(None, (pushers.get(one.sha) for one in made_of)), "") or "somebody"


_COUNT = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)


def count_tests(output: str) -> int:
    """How many tests unittest says that it ran, skipped ones left out. Source: unittest.TextTestRunner."""
    ran = sum(int(number) for number in _COUNT.findall(output))
    skipped = re.search(r"\((?:.*, )?skipped=(\d+)", output)
    return ran - (int(skipped[1]) if skipped else 0)


class TestsPass(BaseEvaluator, type="tests_pass"):
    """The repository's own tests pass when we run them, in our sandbox, on a fresh checkout."""

    from_: str = Field(default="main", alias="from")
    at_least: int = Field(default=1, ge=1)
    command: str = "python3 -m unittest discover -v"

    async def evaluate(self, evidence: Evidence) -> Finding:
        folder = await checkout(evidence, self.from_)
        if folder is None:
            return Finding(False, f"there is no {self.from_}")
        done = await evidence.workbench.run(folder, ["bash", "-c", self.command], _TESTS)
        ran = count_tests(done.stderr + done.stdout)
        details = {"tests": ran, "exit_code": done.exit_code}
        if done.exit_code != 0:
            why = "took too long" if done.timed_out else (done.stderr.strip().splitlines() or ["no output"])[-1]
            return Finding(False, f"the tests of {self.from_} fail when we run them: {why}", details=details)
        if ran < self.at_least:
            return Finding(False, f"{ran} of {self.at_least} tests on {self.from_}", details=details)
        return Finding(True, f"{ran} passed, run by us on {self.from_}", details=details)


_COVERAGE = """
import io, os, sys, threading, unittest
os.unlink(__file__)
root, mark, packages = os.getcwd(), sys.argv[1], sys.argv[2:]
del sys.argv[1:]
seen = {}
def tracer(frame, event, arg):
    name = frame.f_code.co_filename
    if not name.startswith(root) or not any(name.startswith(os.path.join(root, p)) for p in packages):
        return None
    lines = seen.setdefault(name, set())
    def local(frame, event, arg):
        if event == "line":
            lines.add(frame.f_lineno)
        return local
    lines.add(frame.f_lineno)
    return local
def executable(code):
    found = {line for _, _, line in code.co_lines() if line}
    for item in code.co_consts:
        if hasattr(item, "co_lines"):
            found |= executable(item)
    return found
sys.settrace(tracer); threading.settrace(tracer)
result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.discover("."))
sys.settrace(None); threading.settrace(None)
total = hit = 0
for package in packages:
    for folder, _, names in os.walk(os.path.join(root, package)):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                lines = executable(compile(open(path).read(), path, "exec"))
                total += len(lines); hit += len(lines & seen.get(path, set()))
print(f"{os.linesep}{mark} {hit} OF {total}")
sys.exit(0 if result.wasSuccessful() else 1)
"""
"""Line coverage with nothing but the standard library: what was executed of what could be, per code object.
The tests that it runs are not ours: what they print must not pass for its result, so that is marked with a word that is
drawn for each run and not left where they would find it."""


class CoverageAtLeast(BaseEvaluator, type="coverage_at_least"):
    """The tests execute at least so much of the packages' lines; measured by us."""

    percent: float = Field(gt=0, le=100)
    packages: tuple[str, ...] = Field(min_length=1)
    from_: str = Field(default="main", alias="from")

    async def evaluate(self, evidence: Evidence) -> Finding:
        folder = await checkout(evidence, self.from_)
        if folder is None:
            return Finding(False, f"there is no {self.from_}")
        mark, script = secrets.token_hex(12), f".practicum-{secrets.token_hex(6)}.py"
        await asyncio.to_thread((folder / script).write_text, _COVERAGE)
        done = await evidence.workbench.run(folder, ["python3", script, mark, *self.packages], _TESTS)
        match = re.search(rf"^{mark} (\d+) OF (\d+)$", done.stdout, re.MULTILINE)
        if match is None or not int(match[2]):
            return Finding(False, f"nothing could be measured: {(done.stderr.strip().splitlines() or ['no code'])[-1]}")
        percent = round(100 * int(match[1]) / int(match[2]), 1)
        text = f"{percent} % of the lines of {', '.join(self.packages)} (at least {self.percent:g} %)"
        return Finding(percent >= self.percent, text, details={"coverage": percent})


class DefectFixed(BaseEvaluator, type="defect_fixed"):
    """A tester's test fails before the fixing commit and passes after it, when we run it by hand.

    Looks at merged pull requests that name a closed issue with the label: the last commit by the tester's role that
    touches tests is the state before, the merged head is the state after. After means: with the tester's test as the
    tester wrote it, so that dropping or bending it is no fix.
    """

    label: str = "bug"
    tester_role: str = "qa"
    command: str = "python3 -m unittest discover -v"

    async def evaluate(self, evidence: Evidence) -> Finding:
        repo = repository(evidence)
        mirror = await evidence.world.clone(repo)
        labelled = {
            item["number"]
            for item in await get(evidence, "/issues", state="closed", labels=self.label, per_page="100")
            if not item.get("pull_request")
        }
        if not labelled:
            return Finding(False, f"no closed issue is labelled {self.label}")
        reasons = []
        for pull in await merged_pulls(evidence):
            text = f"{pull['title']}\n{pull.get('body') or ''}"
            if not any(re.search(rf"#{number}\b", text) for number in labelled):
                continue
            commits = await history(mirror, pull["head"]["sha"], exclude=pull["base"]["sha"])
            pushers = await pushers_of(evidence, {item.sha: item for item in commits})
            own = [item for item in commits if item.tests() and pushed_by_author(evidence, item, pushers)]
            before = next((item for item in own if self._tester(item, evidence)), None)
            if before is None:
                reasons.append(f"#{pull['number']} holds no test by {self.tester_role}")
                continue
            old = await self._run(evidence, repo, before.sha)
            new = await self._run(evidence, repo, pull["head"]["sha"], await _tests_of(mirror, before))
            if old != 0 and new == 0:
                details = {"before": before.sha, "after": pull["head"]["sha"], "pull_request": pull["number"]}
                return Finding(
                    True,
                    f"#{pull['number']}: the test fails at {before.sha[:8]} and passes after the fix",
                    details=details,
                )
            reasons.append(
                f"#{pull['number']}: the test {'passes' if old == 0 else 'fails'} before the fix and "
                f"{'passes' if new == 0 else 'fails'} after it"
            )
        return Finding(False, "; ".join(reasons) or f"no merged pull request fixes an issue labelled {self.label}")

    def _tester(self, commit: Commit, evidence: Evidence) -> bool:
        return role_of(evidence, login_of(commit.email)) == self.tester_role

    async def _run(self, evidence: Evidence, repo: str, sha: str, tests: Mapping[str, str] | None = None) -> int:
        folder = await evidence.workbench.checkout(repo, sha)
        for name, text in (tests or {}).items():
            target = folder / name
            if folder.resolve() not in target.resolve().parents:
                raise InfrastructureError(f"{name} leads out of the checkout")
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(target.write_text, text)
        return (await evidence.workbench.run(folder, ["bash", "-c", self.command], _TESTS)).exit_code


async def _tests_of(mirror: Path, commit: Commit) -> dict[str, str]:
    """The test files of a commit as they are there."""
    found = {}
    for name in commit.tests():
        text = await show_file(mirror, commit.sha, name)
        if text is not None:
            found[name] = text
    return found
