"""Questions about the commit graph."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from practicum.world.github.git.process import run_git
from practicum.world.github.git.repository import Git


async def rev_list(
    git: Git,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    path: str = "",
    limit: int = 0,
    options: Sequence[str] = (),
) -> list[str]:
    """Commits reachable from `include` and not from `exclude`, newest first."""
    argv = ["rev-list", *options]
    if limit:
        argv.append(f"--max-count={limit}")
    argv += ["--stdin"]
    lines = [*include, *(f"^{each}" for each in exclude)]
    if path:
        lines += ["--", path]
    out = await run_git(git.path, *argv, stdin=("\n".join(lines) + "\n").encode())
    return out.decode().split()


async def merge_base(git: Git, one: str, other: str) -> str | None:
    """The best common ancestor; None for unrelated histories."""
    if one == other:
        return one
    out = await run_git(git.path, "merge-base", one, other, ok=(0, 1))
    return out.decode().split()[0] if out.strip() else None


async def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    """Whether `descendant` contains `ancestor`."""
    return await merge_base(git, ancestor, descendant) == ancestor


async def ahead_behind(git: Git, base: str, head: str) -> tuple[int, int]:
    """How many commits `head` has that `base` has not, and the other way round."""
    out = await run_git(git.path, "rev-list", "--left-right", "--count", f"{base}...{head}")
    behind, ahead = out.decode().split()
    return int(ahead), int(behind)


async def pack_of(git: Git, new: str, known: Sequence[str]) -> bytes:
    """A self-contained pack (no thin deltas) of what `new` has beyond `known`; empty when that is nothing."""
    wanted = "\n".join([new, *(f"^{each}" for each in known)]) + "\n"
    return await run_git(git.path, "pack-objects", "--revs", "--stdout", "-q", stdin=wanted.encode())


async def news_of(git: Git, new: str, known: Sequence[str]) -> tuple[list[str], bytes]:
    """The commits (newest first) and the pack that `new` brings to a repository that has `known`."""
    commits, pack = await asyncio.gather(rev_list(git, [new], known), pack_of(git, new, known))
    return commits, pack
