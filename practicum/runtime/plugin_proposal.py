"""A plugin's new version as a pull request: on a branch of its own, through the gateway, with a lease."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from practicum.agents.context import Access, ToolContext
from practicum.agents.tools.git import git_branch, git_clone, git_commit, git_push, run_git
from practicum.agents.tools.github import PullRequest, list_pull_requests, open_pull_request
from practicum.api.charter import Can, GitHubCan
from practicum.api.tool import ToolError
from practicum.bus.address import Address
from practicum.bus.events.base import Data
from practicum.errors import ExitCode, PracticumError, UsageError
from practicum.plugins.answers.paths import checked_path
from practicum.plugins.jobs.state import Job
from practicum.runtime.plugin_access import WHO


class NotProposedError(PracticumError):
    """The pull request could not be opened."""

    exit_code = ExitCode.INCONCLUSIVE


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a plugin's new version is to go."""

    repo: str
    """`owner/name`."""
    folder: str = ""
    """Of the plugin inside the repository; `plugins/NAME` when empty."""
    base: str = "main"
    """The branch that the pull request is for."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A pull request that is open."""

    number: int
    branch: str
    sha: str
    files: tuple[str, ...]


def can_propose(repo: str) -> Can:
    """What a lease must allow for it: to read and write this repository's content and its pull requests."""
    return Can(
        github=GitHubCan(repos=(repo,), permissions={"metadata": "read", "contents": "write", "pull_requests": "write"})
    )


async def propose(job: Job, files: Mapping[str, str], proposal: Proposal, access: Access) -> Proposed:
    """Put the files of a finished job on the branch `plugin/NAME-VERSION`, push it, and open a pull request.

    `files` replace what is in the plugin's folder; the base branch is never written to. Done again, it adds a commit to
    the branch and gives the pull request that is open.

    Raises:
        NotProposedError: git or GitHub refused, or nothing differs from what the base branch has.
        UsageError: the plugin's folder leads outside the repository.
    """
    spec = job.spec
    folder = proposal.folder.strip("/") or f"plugins/{spec.name}"
    targets = {checked_path(f"{folder}/{path}"): text for path, text in files.items()}
    branch = f"plugin/{spec.name}-{spec.version}"
    with tempfile.TemporaryDirectory(prefix="practicum-proposal-") as scratch:
        context = _context(Path(scratch), access, proposal.repo)
        try:
            await git_clone.function(context, proposal.repo, "clone")
            await git_branch.function(context, "clone", branch, f"origin/{proposal.base}")
            clone = Path(scratch) / "clone"
            _lay_out(clone, folder, targets)
            if await run_git(context, "status", "--porcelain", cwd=clone):
                await git_commit.function(context, "clone", f"{spec.name} {spec.version}: {spec.description}"[:72])
            ahead = await run_git(context, "rev-list", "--count", f"origin/{proposal.base}..HEAD", cwd=clone)
            if ahead.strip() == "0":
                raise NotProposedError(f"{spec.name} {spec.version} is on {proposal.base} already, file by file")
            pushed = await git_push.function(context, "clone")
            changed = await run_git(context, "diff", "--name-only", f"origin/{proposal.base}...HEAD", cwd=clone)
            pull = await _pull(context, job, branch, proposal)
        except ToolError as error:
            raise NotProposedError(f"{spec.name} {spec.version} is not proposed: {error}") from error
    return Proposed(pull.number, branch, pushed.sha, tuple(changed.split()))


async def _pull(context: ToolContext, job: Job, branch: str, proposal: Proposal) -> PullRequest:
    for one in await list_pull_requests.function(context, "open", proposal.repo):
        if one.head == branch:
            return one
    spec = job.spec
    checks = "\n".join(f"| {name} | {status.replace('_', ' ')} |" for name, status in job.checks.items())
    body = (
        f"{spec.description}\n\nMade by the job `{job.id}` ({job.source}, iteration {job.iteration}).\n\n"
        f"| check | |\n| --- | --- |\n{checks}\n"
    )
    return await open_pull_request.function(
        context, f"{spec.name} {spec.version}", branch, body, proposal.base, proposal.repo
    )


class _NoJournal:
    """Outside of a run nobody records what an agent did: the job's own folder and the pull request say it."""

    async def post(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        return ""

    async def store(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        return ""

    async def flush(self) -> None:
        return


def _context(workspace: Path, access: Access, repo: str) -> ToolContext:
    async def nobody(service: str, verb: str, request: bytes, timeout: float) -> bytes:
        raise ToolError(f"there is no {service} to ask outside of a run")

    return ToolContext(
        agent=WHO,
        role=WHO,
        run="proposal",
        team={WHO: WHO},
        workspace=workspace,
        services={"github": access},
        journal=_NoJournal(),
        ask=nobody,
        settings={"repo": repo},
    )


def _lay_out(clone: Path, folder: str, targets: Mapping[str, str]) -> None:
    """Let the folder hold these files and nothing else; a link in the repository is never followed."""
    place = clone
    for part in folder.split("/"):
        place = place / part
        if place.is_symlink():
            raise UsageError(f"{folder}: {place.name} is a link in the repository")
    if place.is_dir():
        shutil.rmtree(place)
    for path, text in targets.items():
        target = clone / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
