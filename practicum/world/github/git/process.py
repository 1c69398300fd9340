"""Running git."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from practicum.errors import InfrastructureError

TIMEOUT = 60.0
"""Seconds that one git command may take."""


class GitError(InfrastructureError):
    """A git command ended with an error. `code` is its exit code, `stderr` what it said."""

    def __init__(self, argv: Sequence[str], code: int, stderr: str) -> None:
        super().__init__(f"git {argv[0]} ended with {code}: {stderr.strip()[:500]}")
        self.code, self.stderr = code, stderr


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a git process: nothing of the host's configuration reaches it."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "core.quotePath",
        "GIT_CONFIG_VALUE_1": "false",
        **(extra or {}),
    }


async def end(process: asyncio.subprocess.Process, grace: float = 5.0) -> None:
    """Wait for a process whose input is at its end; kill it when it does not stop within `grace` seconds.

    Killing is the exception: asyncio's `kill` reaps a child that has just ended, and its watcher then complains.
    """
    try:
        await asyncio.wait_for(process.wait(), grace)
    except TimeoutError:
        process.kill()
        await process.wait()


async def run_git(
    path: Path, *argv: str, stdin: bytes = b"", ok: tuple[int, ...] = (0,), env: Mapping[str, str] | None = None
) -> bytes:
    """Run `git ARGV` in `path` and return what it wrote.

    Raises:
        GitError: when the exit code is none of `ok`, or the command took longer than `TIMEOUT`.
    """
    process = await asyncio.create_subprocess_exec(
        "git",
        *argv,
        cwd=path,
        env=git_environment(env),
        stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin or None), TIMEOUT)
    except TimeoutError:
        raise GitError(argv, 124, f"no end after {TIMEOUT:.0f} s") from None
    finally:
        if process.returncode is None:
            await end(process, 0.0)
    if process.returncode not in ok:
        raise GitError(argv, process.returncode or 0, err.decode(errors="replace"))
    return out
