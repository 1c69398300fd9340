"""Git, with real repositories over smart HTTP through the gateway."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

_TIMEOUT_S = 120

Repository = Annotated[str, Field(description="Folder of the clone inside the workspace")]


class Clone(BaseModel):
    """A repository on the agent's disk."""

    path: str
    repo: str
    branch: str
    sha: str


class Commit(BaseModel):
    """A commit that was made."""

    sha: str
    branch: str
    message: str
    files: list[str]


class Push(BaseModel):
    """What was pushed."""

    branch: str
    sha: str


class Merge(BaseModel):
    """What a merge or pull came to."""

    sha: str
    branch: str
    conflicts: list[str]


class LogEntry(BaseModel):
    """One line of history."""

    sha: str
    author: str
    email: str
    subject: str


async def run_git(context: ToolContext, *args: str, cwd: Path | None = None, check: bool = True) -> str:
    """Run git as this agent: its identity, its lease, no other configuration.

    Raises:
        ToolError: git failed (when `check`) or took longer than two minutes.
    """
    process = await asyncio.create_subprocess_exec(
        "git", *args, cwd=cwd or context.workspace, env=_environment(context),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except (TimeoutError, asyncio.CancelledError) as error:
        process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
        raise ToolError(f"git {args[0]} took longer than {_TIMEOUT_S} s") from error
    if process.returncode and check:
        raise ToolError(
            f"git {args[0]}: {err.decode(errors='replace').strip() or out.decode(errors='replace').strip()}"
        )
    return out.decode(errors="replace")


def _environment(context: ToolContext) -> dict[str, str]:
    """Git's whole environment. The lease goes along as a header, never into a file or an argument."""
    access = context.service("github")
    basic = base64.b64encode(f"{access.login}:{access.token}".encode()).decode()
    config = {
        "http.extraHeader": f"Authorization: Basic {basic}",
        "http.userAgent": f"git/practicum practicum-cause/{context.cause}",
        "credential.helper": "",
        "init.defaultBranch": "main",
        "advice.detachedHead": "false",
        "core.hooksPath": "/dev/null",
        "merge.conflictStyle": "diff3",
    }
    entries = {f"GIT_CONFIG_KEY_{index}": key for index, key in enumerate(config)}
    values = {f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(config.values())}
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(context.workspace),
        "LANG": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": access.name,
        "GIT_AUTHOR_EMAIL": access.email,
        "GIT_COMMITTER_NAME": access.name,
        "GIT_COMMITTER_EMAIL": access.email,
        "GIT_CONFIG_COUNT": str(len(config)),
        **entries,
        **values,
    }


async def _head(context: ToolContext, cwd: Path) -> tuple[str, str]:
    sha = (await run_git(context, "rev-parse", "HEAD", cwd=cwd)).strip()
    branch = (await run_git(context, "rev-parse", "--abbrev-ref", "HEAD", cwd=cwd)).strip()
    return sha, branch


@tool(effect="idempotent")
async def git_clone(
    context: ToolContext,
    repo: Annotated[str, Field(description="owner/name")],
    path: Annotated[str, Field(description="Folder to clone into; the repository's name when empty")] = "",
) -> Clone:
    """Clone a repository into the workspace, or fetch when the clone is there already."""
    folder = path or repo.rpartition("/")[2]
    target = context.path(folder)
    if (target / ".git").is_dir():
        await run_git(context, "fetch", "--prune", "origin", cwd=target)
    else:
        await run_git(context, "clone", "--quiet", f"{context.service('github').git_url}/{repo}.git", str(target))
    sha, branch = await _head(context, target)
    return Clone(path=folder, repo=repo, branch=branch, sha=sha)


@tool(effect="idempotent")
async def git_branch(
    context: ToolContext,
    path: Repository,
    name: str,
    start: Annotated[str, Field(description="Where a new branch begins")] = "origin/main",
) -> Clone:
    """Fetch and switch to a branch: an existing one (local or on the remote), else a new one from `start`."""
    cwd = context.path(path)
    await run_git(context, "fetch", "--prune", "origin", cwd=cwd)
    known = (await run_git(context, "branch", "--list", "--format=%(refname:short)", cwd=cwd)).split()
    remote = (await run_git(context, "branch", "-r", "--list", f"origin/{name}", cwd=cwd)).strip()
    if name in known:
        await run_git(context, "switch", "--quiet", name, cwd=cwd)
        if remote:
            await run_git(context, "merge", "--quiet", "--ff-only", f"origin/{name}", cwd=cwd)
    elif remote:
        await run_git(context, "switch", "--quiet", "--track", f"origin/{name}", cwd=cwd)
    else:
        await run_git(context, "switch", "--quiet", "--no-track", "--create", name, start, cwd=cwd)
    sha, branch = await _head(context, cwd)
    return Clone(path=path, repo="", branch=branch, sha=sha)


@tool(effect="idempotent")
async def git_commit(
    context: ToolContext,
    path: Repository,
    message: str,
    files: Annotated[list[str] | None, Field(description="Paths inside the clone; all changes when left out")] = None,
    author: Annotated[str, Field(description="'Name <email>' when it is not yourself")] = "",
) -> Commit:
    """Commit changes of a clone under your own identity."""
    cwd = context.path(path)
    await run_git(context, "add", "--all", "--", *(files or ["."]), cwd=cwd)
    extra = [f"--author={author}"] if author else []
    await run_git(context, "commit", "--quiet", "--message", message, *extra, cwd=cwd)
    sha, branch = await _head(context, cwd)
    changed = (await run_git(context, "show", "--format=", "--name-only", "HEAD", cwd=cwd)).split("\n")
    return Commit(sha=sha, branch=branch, message=message, files=[name for name in changed if name])


@tool(effect="once")
async def git_push(
    context: ToolContext,
    path: Repository,
    branch: Annotated[str, Field(description="The present branch when empty")] = "",
    force: bool = False,
) -> Push:
    """Push a branch to origin."""
    cwd = context.path(path)
    sha, present = await _head(context, cwd)
    name = branch or present
    await run_git(
        context, "push", "--quiet", *(["--force"] if force else []), "origin", f"HEAD:refs/heads/{name}", cwd=cwd
    )
    return Push(branch=name, sha=sha)


@tool(effect="idempotent")
async def git_merge(
    context: ToolContext,
    path: Repository,
    ref: Annotated[str, Field(description="Such as origin/main")] = "origin/main",
) -> Merge:
    """Fetch and merge a branch into the present one. Conflicts are listed; the merge is then undone."""
    cwd = context.path(path)
    await run_git(context, "fetch", "--prune", "origin", cwd=cwd)
    await run_git(context, "merge", "--quiet", "--no-edit", ref, cwd=cwd, check=False)
    conflicts = (await run_git(context, "diff", "--name-only", "--diff-filter=U", cwd=cwd)).split()
    if conflicts:
        await run_git(context, "merge", "--abort", cwd=cwd)
    sha, branch = await _head(context, cwd)
    return Merge(sha=sha, branch=branch, conflicts=conflicts)


@tool(effect="read")
async def git_log(
    context: ToolContext, path: Repository, ref: str = "HEAD", count: Annotated[int, Field(ge=1, le=500)] = 50
) -> list[LogEntry]:
    """The history of a branch, newest first."""
    text = await run_git(
        context, "log", f"--max-count={count}", "--format=%H%x1f%an%x1f%ae%x1f%s", ref, cwd=context.path(path)
    )
    rows = [line.split("\x1f") for line in text.splitlines()]
    return [LogEntry(sha=sha, author=author, email=email, subject=subject) for sha, author, email, subject in rows]


@tool(effect="read")
async def git_diff(
    context: ToolContext,
    path: Repository,
    base: Annotated[str, Field(description="What to compare with")] = "origin/main",
    ref: str = "HEAD",
) -> str:
    """What a branch changes since it left `base`."""
    return (await run_git(context, "diff", f"{base}...{ref}", cwd=context.path(path)))[:200_000]


GIT = (git_clone, git_branch, git_commit, git_push, git_merge, git_log, git_diff)
