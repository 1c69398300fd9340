"""Reading what a sandbox left behind, without being led out of its directory by a link."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from practicum.errors import PracticumError

MAX_ENTRIES = 20_000


class UnsafePathError(PracticumError):
    """A path leaves its directory, passes through a link, or is not a regular file."""


def read_beneath(root: Path, relative: str, limit: int) -> bytes:
    """At most `limit` bytes of a regular file below `root`; no component may be a link.

    Raises:
        UnsafePathError: the path leads out, through a link, or to something that is not a regular file.
        FileNotFoundError: nothing is there.
    """
    parts = PurePosixPath(relative).parts
    if not parts or ".." in parts or relative.startswith("/"):
        raise UnsafePathError(f"{relative!r} leads out of the workspace")
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = _open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, handle, relative)
            os.close(handle)
            handle = inner
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        file = _open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, handle, relative)
    finally:
        os.close(handle)
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise UnsafePathError(f"{relative!r} is not a regular file")
        return stream.read(limit)


def _open(part: str, flags: int, handle: int, relative: str) -> int:
    try:
        return os.open(part, flags, dir_fd=handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnsafePathError(f"{relative!r} cannot be read: {error.strerror}") from error


def regular_files(root: Path) -> Iterator[str]:
    """Relative paths of the regular files below `root`, in order; links are left out, `.git` is not entered."""
    count = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if name != ".git" and not (Path(folder) / name).is_symlink())
        for name in sorted(names):
            count += 1
            if count > MAX_ENTRIES:
                return
            path = Path(folder) / name
            if stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(root).as_posix()


def create_private(directory: Path, suffix: str) -> Path:
    """Make an empty file that whoever can write to `directory` could not have prepared; mode 0666."""
    path = directory / f"{secrets.token_hex(8)}{suffix}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    os.fchmod(handle, 0o666)
    os.close(handle)
    return path
