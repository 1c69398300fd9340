"""Reading a mirror's history."""

from __future__ import annotations

import asyncio
import secrets
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
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
             "GIT_NO_REPLACE_OBJECTS": "1"},  # a pushed refs/replace/* must not show us another history
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
    # What separates the fields is drawn anew each time: an author's name or a subject may hold any other character,
    # and a commit that could forge a separator could invent commits.
    block, cut = secrets.token_hex(12), secrets.token_hex(12)
    arguments = ["log", f"--format={block}{cut.join(('%H', '%P', '%an', '%ae', '%s'))}", "--name-only", ref]
    if exclude:
        arguments.append(f"^{exclude}")
    arguments += ["--", path] if path else ["--"]
    code, text = await _git(repository, *arguments)
    if code:
        return []
    found = []
    for part in text.split(block)[1:]:
        head, _, names = part.partition("\n")
        sha, parents, author, email, subject = head.split(cut)
        files = tuple(name for name in names.split("\n") if name)
        found.append(Commit(sha, tuple(parents.split()), author, email, subject, files))
    return found


async def has_commit(repository: Path, ref: str) -> bool:
    """Whether a ref or id names a commit."""
    code, _ = await _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    return code == 0


async def show_file(repository: Path, ref: str, path: str) -> str | None:
    """A file's text at a ref; None where it is not."""
    code, text = await _git(repository, "show", f"{ref}:{path}")
    return text if code == 0 else None


async def tree_of(repository: Path, ref: str) -> str | None:
    """The id of a commit's tree; None where there is no such ref."""
    code, text = await _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{tree}}")
    return text.strip() if code == 0 else None
