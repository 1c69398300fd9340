"""`virtual_fs`: the files that a workspace holds before the first step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from practicum.api.sandbox import MIB, WORKSPACE
from practicum.errors import UsageError
from practicum.scenarios.schema.parts import path_beside

MOST_FILES = 20_000
MOST_BYTES = 512 * MIB
"""More than that of a folder is no seed; the scenario has named the wrong one."""


def seed_files(root: Path, given: Mapping[str, str] | str, folder: Path) -> None:
    """Write `virtual_fs` into the workspace. `folder` is the scenario's. Blocks.

    Raises:
        UsageError: a path leads out of the workspace, or a file beside the scenario is not there; it names the key.
    """
    if isinstance(given, str):
        if given.strip():
            _copy_folder(root, _beside(given, folder, "setup.virtual_fs"), folder, "setup.virtual_fs")
        return
    for key, value in given.items():
        where = f"setup.virtual_fs.{key}"
        target = root / relative_path(key, where)
        source = _beside(value, folder, where) if value.startswith("./") and "\n" not in value else None
        if source is not None and source.is_dir():
            _copy_folder(target, source, folder, where)
            continue
        if source is not None and not source.is_file():
            raise UsageError(f"{where}: there is no file {value} beside the scenario")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _inside(root, target.parent, where)
            if source is None:
                _write(target, value.encode(errors="surrogatepass"))
            else:
                _copy(source, target)
        except OSError as error:
            raise UsageError(f"{where}: cannot be written: {error.strerror or error}") from error


def relative_path(key: str, where: str) -> str:
    """A path of the workspace without what leads nowhere: `./a`, `/a` and `/agent/a` are `a`.

    Raises:
        UsageError: it leads out of the workspace, or is none.
    """
    if "\0" in key:
        raise UsageError(f"{where}: a path cannot hold the character NUL")
    path = PurePosixPath(key)
    if path.is_absolute():
        path = path.relative_to(WORKSPACE if path.is_relative_to(WORKSPACE) else "/")
    if ".." in path.parts:
        raise UsageError(f"{where}: leads out of the workspace", hint="write a path below it, without '..'")
    if not path.parts:
        raise UsageError(f"{where}: is no path of a file")
    return str(path)


def _beside(value: str, folder: Path, where: str) -> Path:
    try:
        return path_beside(value, folder)
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}", hint=error.hint) from error


def _copy_folder(target: Path, source: Path, folder: Path, where: str) -> None:
    if not source.is_dir():
        raise UsageError(f"{where}: there is no folder {source.name} beside the scenario")
    files, size = 0, 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, path in _walk(source, folder, where):
            files, size = files + 1, size + path.stat().st_size
            if files > MOST_FILES or size > MOST_BYTES:
                raise UsageError(f"{where}: {source.name} is larger than {MOST_FILES} files or {MOST_BYTES // MIB} MiB")
            to = target / name
            to.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, to)
    except OSError as error:
        raise UsageError(f"{where}: {source.name} cannot be copied: {error.strerror or error}") from error


def _walk(source: Path, folder: Path, where: str) -> Iterator[tuple[str, Path]]:
    """Every file below, by its relative path; a link counts as what it leads to, within the scenario's folder."""
    for current, folders, names in os.walk(source):
        for name in (*names, *(name for name in folders if Path(current, name).is_symlink())):
            path = Path(current, name)
            found = _beside(os.path.relpath(path, folder), folder, where)  # a link that leads outside is refused
            if name in folders:
                raise UsageError(f"{where}: {path.name} is a link to a folder; put the folder itself there")
            if found.is_file():
                yield path.relative_to(source).as_posix(), found


def _inside(root: Path, place: Path, where: str) -> None:
    """Refuse a folder that a link in the workspace leads out of it."""
    if not place.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{where}: a link leads out of the workspace")


def _write(target: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o644), "wb") as stream:
        stream.write(content)


def _copy(source: Path, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with source.open("rb") as read, os.fdopen(os.open(target, flags, 0o644), "wb") as write:
        shutil.copyfileobj(read, write)
        os.fchmod(write.fileno(), 0o755 if source.stat().st_mode & 0o111 else 0o644)
