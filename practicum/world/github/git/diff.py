"""Differences between two commits, as GitHub lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from practicum.world.github.git.process import run_git
from practicum.world.github.git.repository import Git

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without entries, known to every git."""

_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True)
class FileChange:
    """One file of a difference."""

    filename: str
    status: str
    sha: str
    """The blob afterwards; beforehand for a removed file."""
    additions: int
    deletions: int
    patch: str | None
    """Hunks only, without the header; None for a binary file."""
    previous: str | None = None


async def changes(git: Git, base: str, head: str) -> list[FileChange]:
    """The files that differ, in git's order, renames detected."""
    out = await run_git(
        git.path, "diff-tree", "-r", "-M", "--raw", "--numstat", "-p", "-z", "--full-index", "--no-color", base, head
    )
    return _parse(out)


async def shortstat(git: Git, base: str, head: str) -> tuple[int, int, int]:
    """Additions, deletions and the number of files that differ."""
    out = (await run_git(git.path, "diff-tree", "-r", "-M", "--numstat", "-z", base, head)).decode(errors="replace")
    added = deleted = files = 0
    for match in re.finditer(r"(?:^|\0)(\d+|-)\t(\d+|-)\t", out):
        files += 1
        added += 0 if match[1] == "-" else int(match[1])
        deleted += 0 if match[2] == "-" else int(match[2])
    return added, deleted, files


async def diff_text(git: Git, base: str, head: str) -> bytes:
    """The difference in git's own form."""
    return await run_git(git.path, "diff", "-M", "--no-color", base, head)


async def mail_patches(git: Git, base: str, head: str) -> bytes:
    """One mail for each commit, as `git format-patch` writes them."""
    return await run_git(git.path, "format-patch", "--stdout", "--no-signature", f"{base}..{head}")


def _parse(out: bytes) -> list[FileChange]:
    head, _, body = out.partition(b"\0\0")
    # With -z the raw lines come first, then the numbers, each ended by NUL; the patch follows an empty field.
    fields = head.split(b"\0")
    raw: list[tuple[str, str, str, str | None]] = []
    at = 0
    while at < len(fields) and fields[at].startswith(b":"):
        parts = fields[at].decode().split(" ")
        letter = parts[4][0]
        before, after = parts[2], parts[3]
        name = fields[at + 1].decode(errors="replace")
        previous = None
        at += 2
        if letter in "RC":
            previous, name = name, fields[at].decode(errors="replace")
            at += 1
        raw.append((name, letter, before if letter == "D" else after, previous))
    numbers: list[tuple[int, int]] = []
    while at < len(fields) and fields[at]:
        added, deleted, name_field = fields[at].split(b"\t", 2)
        numbers.append((0 if added == b"-" else int(added), 0 if deleted == b"-" else int(deleted)))
        at += 1 if name_field else 3
    patches = re.split(rb"(?m)^diff --git ", body)[1:]
    found, turn = [], 0
    for (name, letter, sha, previous), (added_lines, deleted_lines) in zip(raw, numbers, strict=True):
        span = 2 if letter == "T" else 1  # a change of type is written as a removal and an addition
        hunks = b"\n".join(_hunks(patch) for patch in patches[turn : turn + span]).strip(b"\n")
        turn += span
        patch_text = hunks.decode(errors="replace") or None
        found.append(FileChange(name, _STATUS[letter], sha, added_lines, deleted_lines, patch_text, previous))
    return found


def _hunks(patch: bytes) -> bytes:
    start = patch.find(b"\n@@ ")
    return patch[start + 1 :] if start >= 0 else b""
