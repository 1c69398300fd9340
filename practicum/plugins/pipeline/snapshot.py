"""A copy of a plugin's folder that nobody changes while it is checked: plain files only, each with its digest."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from practicum.api.sandbox import MIB
from practicum.plugins.pipeline.result import Problem

MOST_FILES = 2000
MOST_BYTES = 20 * MIB
LEFT_OUT = frozenset({"dist", "build", "node_modules", "__pycache__"})
"""Folders that are made, not written. Hidden ones are left out too."""


@dataclass(frozen=True)
class Snapshot:
    """The copy."""

    folder: Path
    files: dict[str, str]
    """Path below the folder to the SHA-256 of what is in it."""
    problems: tuple[Problem, ...]

    def changed(self) -> list[str]:
        """Files that are not what was copied any more. Blocks."""
        return [
            name
            for name, known in self.files.items()
            if not (self.folder / name).is_file() or digest((self.folder / name).read_bytes()) != known
        ]

    def read(self, name: str) -> str:
        """The text of a file; bytes that are no UTF-8 are replaced."""
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")

    def named(self, below: str, ending: str) -> list[str]:
        """The files below a folder whose names end so, sorted."""
        return sorted(name for name in self.files if name.startswith(f"{below}/") and name.endswith(ending))


def take(source: Path, target: Path) -> Snapshot:
    """Copy `source` into the empty folder `target`. Links are never followed. Blocks."""
    problems: list[Problem] = []
    files: dict[str, str] = {}
    target.mkdir(mode=0o755, exist_ok=True)
    total = 0
    for root, folders, names, directory in os.fwalk(source, follow_symlinks=False):
        below = PurePosixPath(os.path.relpath(root, source))
        for name in list(folders):
            if _is_link(name, directory):
                problems.append(_refused(below / name, "is a symbolic link"))
                folders.remove(name)
            elif name.startswith(".") or name in LEFT_OUT or name.endswith(".egg-info"):
                folders.remove(name)
        for name in sorted(names):
            path = str(below / name)
            data = _read(name, directory)
            if data is None:
                problems.append(_refused(below / name, "is not a plain file"))
                continue
            total += len(data)
            if len(files) >= MOST_FILES or total > MOST_BYTES:
                problems.append(Problem(f"the plugin is larger than {MOST_FILES} files or {MOST_BYTES // MIB} MiB"))
                return Snapshot(target, files, tuple(problems))
            _write(target / path, data)
            files[path] = digest(data)
    return Snapshot(target, files, tuple(problems))


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _is_link(name: str, directory: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def _read(name: str, directory: int) -> bytes | None:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return stream.read(MOST_BYTES + 1)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o644)


def _refused(path: PurePosixPath, why: str) -> Problem:
    return Problem(f"{path} {why}: a plugin consists of plain files", str(path), code="snapshot")
