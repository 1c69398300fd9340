"""Which files of a folder were made, changed and removed between two looks at it."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from typing import NamedTuple

MOST_FILES = 20_000
"""So many are looked at; a dependency folder is no reason to spend seconds on each step."""

_TICK_NS = 20_000_000
"""The clock of file systems goes in ticks of up to 10 ms: a file can change twice within one."""
_SMALL = 256 * 1024
_SKIPPED = frozenset({".git"})

Mark = tuple[int, int, int, str]
"""Inode, size, mtime in ns, and for a file that was changed just now a digest of its content."""


class Difference(NamedTuple):
    """What happened between two snapshots; each sorted."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a folder at one moment, by their path relative to it."""

    marks: dict[str, Mark]
    complete: bool
    """False when there were more than `MOST_FILES`."""


def take(root: str) -> Snapshot:
    """Look at every file below `root`; links are looked at, not followed. Blocks, for 5 us a file or so."""
    now = time.time_ns()
    marks: dict[str, Mark] = {}
    complete = True
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = os.scandir(f"{root}/{folder}")
        except OSError:
            continue  # removed since it was listed, or closed to us
        with entries:
            for entry in entries:
                name = f"{folder}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED:
                        folders.append(f"{name}/")
                    continue
                if len(marks) >= MOST_FILES:
                    complete = False
                    continue
                try:
                    marks[name] = _mark(root, name, entry.stat(follow_symlinks=False), now)
                except OSError:
                    continue
    return Snapshot(marks, complete)


def compare(root: str, before: Snapshot, after: Snapshot) -> Difference:
    """What happened between two snapshots of `root`. May read small files that were changed only just before."""
    old, new = before.marks, after.marks
    both = sorted(new.keys() & old.keys())
    return Difference(
        created=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(name for name in both if _differs(root, name, old[name], new[name])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def _mark(root: str, name: str, found: os.stat_result, now: int) -> Mark:
    fresh = stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL and now - found.st_mtime_ns < _TICK_NS
    digest = _digest(f"{root}/{name}") if fresh else ""
    return found.st_ino, found.st_size, found.st_mtime_ns, digest


def _differs(root: str, name: str, old: Mark, new: Mark) -> bool:
    if old[:3] != new[:3]:
        return True  # also when it was written anew with what it held: somebody wrote it
    return bool(old[3]) and old[3] != (new[3] or _digest(f"{root}/{name}"))


def _digest(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return hashlib.blake2b(os.read(descriptor, _SMALL), digest_size=16).hexdigest()
    finally:
        os.close(descriptor)
