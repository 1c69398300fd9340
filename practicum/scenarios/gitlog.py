"""Reading a mirror's history."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Commit:
    """One commit."""

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    subject: str
    files: tuple[str, ...]

    def touches(self, part: str) -> bool:
        """Whether a changed path contains `part`."""
        return any(part in name for name in self.files)


async def _git(repository: Path, *args: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        "git", "-c", "safe.directory=*", *args, cwd=repository,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), _TIMEOUT_S)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    code = process.returncode or 0
    return code, (out if code == 0 else err).decode(errors="replace")


async def history(repository: Path, ref: str, *, exclude: str = "", path: str = "") -> list[Commit]:
    """The commits of a ref, newest first; without those of `exclude`; only those that touch `path` where it is given.

    An unknown ref has none.
    """
    arguments = ["log", "--format=%x1e%H%x1f%P%x1f%an%x1f%ae%x1f%s", "--name-only", ref]
    if exclude:
        arguments.append(f"^{exclude}")
    if path:
        arguments += ["--", path]
    code, text = await _git(repository, *arguments)
    if code:
        return []
    found = []
    for block in text.split("\x1e")[1:]:
        head, _, names = block.partition("\n")
        sha, parents, author, email, subject = head.split("\x1f")
        files = tuple(name for name in names.splitlines() if name)
        found.append(Commit(sha, tuple(parents.split()), author, email, subject, files))
    return found


async def show_file(repository: Path, ref: str, path: str) -> str | None:
    """A file's text at a ref; None where it is not."""
    code, text = await _git(repository, "show", f"{ref}:{path}")
    return text if code == 0 else None


async def tree_of(repository: Path, ref: str) -> str | None:
    """The id of a commit's tree; None where there is no such ref."""
    code, text = await _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{tree}}")
    return text.strip() if code == 0 else None
