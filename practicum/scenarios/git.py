"""The launcher's own git: without anybody's configuration, hooks or replaced objects, and for two minutes at most."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import InfrastructureError

_TIMEOUT_S = 120

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a pushed refs/replace/* must not show us another history
}


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What git said."""

    code: int
    output: str
    errors: str


async def ask_git(*args: str, cwd: Path | None = None, config: str = "") -> GitAnswer:
    """Run git and hand back what it said, whether or not it succeeded.

    Args:
        args: command and arguments.
        cwd: the repository.
        config: one setting, `name=value`; handed over by environment, so that no list of processes shows it.

    Raises:
        TimeoutError: it took longer than two minutes; it is gone.
    """
    key, _, value = config.partition("=")
    extra = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": value} if config else {}
    process = await asyncio.create_subprocess_exec(
        "git", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*", *args, cwd=cwd,
        env={**_ENVIRONMENT, **extra},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    return GitAnswer(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


async def git(*args: str, cwd: Path | None = None, config: str = "") -> str:
    """Run git where it must succeed, as `ask_git`; returns its output.

    Raises:
        InfrastructureError: it failed, or took longer than two minutes.
    """
    try:
        answer = await ask_git(*args, cwd=cwd, config=config)
    except TimeoutError as error:
        raise InfrastructureError(f"git {args[0]} took longer than {_TIMEOUT_S} s") from error
    if answer.code:
        raise InfrastructureError(f"git {args[0]} failed: {answer.errors.strip()}")
    return answer.output
