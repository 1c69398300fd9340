"""Formatting by ruff before anything else looks, and its rules that find mistakes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.result import CheckResult
from practicum.plugins.pipeline.room import SOURCE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot, digest
from practicum.plugins.pipeline.tools import program
from practicum.plugins.review.ruff import OPTIONS, ruff

_LINT = ("E4", "E7", "E9", "F", "B", "ASYNC", "RUF006", "PLE")
_TIDY = '"$0" check --fix-only --exit-zero --quiet --select I "$@"; "$0" format --quiet "$@"; exit 0'


async def tidy(rooms: Rooms, snapshot: Snapshot, folder: Path) -> list[str]:
    """Format the code of a snapshot and sort its imports; what changed is written back to `folder`, of which it is a
    copy.

    The names of what changed. Tests stay as they are, and so does what cannot be parsed.
    """
    names = snapshot.named("src", ".py")
    if not names:
        return []
    async with rooms.open(Mount(snapshot.folder, SOURCE, writable=True)) as sandbox:
        # Options come after the files, so that one line serves both commands.
        await sandbox.run(["/bin/sh", "-c", _TIDY, program("ruff"), *names, *OPTIONS], cwd=SOURCE)
    return await asyncio.to_thread(_written_back, snapshot, folder, names)


def _written_back(snapshot: Snapshot, folder: Path, names: list[str]) -> list[str]:
    changed = []
    for name in names:
        data = (snapshot.folder / name).read_bytes()
        now = digest(data)
        if now == snapshot.files[name]:
            continue
        original = folder / name
        whole = original.is_file() and not original.is_symlink()
        if whole and digest(original.read_bytes()) == snapshot.files[name]:
            draft = original.with_name(f".{original.name}.tidy")
            draft.write_bytes(data)
            draft.replace(original)
            changed.append(name)
        snapshot.files[name] = now
    return changed


async def lint(rooms: Rooms, snapshot: Snapshot) -> CheckResult:
    """The lint rules that find mistakes; style is formatting's business."""
    clock = Clock()
    found = await ruff(rooms, snapshot, _LINT)
    return clock.result("ruff", counted(len(found), "finding"), found, facts={"rules": list(_LINT)})
