"""Unpacking an uploaded tar without letting it write, link or grow beyond its directory."""

from __future__ import annotations

import gzip
import io
import posixpath
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import PracticumError

MAX_UPLOAD_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_FILES = 10_000
MAX_PATH = 1024


class ArchiveError(PracticumError):
    """An upload that is not a tar, or holds what must not be unpacked."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an archive says of itself."""

    commit: str
    """The commit that `git archive` wrote into it; empty for another tar."""


class _Bounded(io.RawIOBase):
    """Decompressed bytes, with an end to them: a few kilobytes of gzip can stand for gigabytes."""

    def __init__(self, data: bytes) -> None:
        source = io.BytesIO(data)
        self._source: io.BufferedIOBase = gzip.GzipFile(fileobj=source) if data[:2] == b"\x1f\x8b" else source
        self._produced = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; raises `ArchiveError` beyond the limit."""
        chunk = self._source.read(len(buffer))
        self._produced += len(chunk)
        if self._produced > MAX_UNPACKED_BYTES + MAX_FILES * 1024:
            raise ArchiveError(f"unpacks to more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB")
        buffer[: len(chunk)] = chunk
        return len(chunk)


def unpack(data: bytes, target: Path) -> Unpacked:
    """Unpack a tar (plain or gzip) into the empty directory `target`.

    Regular files, directories and links that stay inside are taken; owners, times and all mode bits but the owner's
    execute bit are not. `.git` is left out.

    Raises:
        ArchiveError: not a tar; an absolute path, `..`, a link that leads out, a device or pipe; a file in place of a
            directory or twice; or too large. What was unpacked so far is left for the caller to remove.
    """
    count, size = 0, 0
    seen: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Bounded(data)), mode="r|") as tar:
            for member in tar:
                count += 1
                size += max(member.size, 0)
                if count > MAX_FILES:
                    raise ArchiveError(f"holds more than {MAX_FILES} files")
                if size > MAX_UNPACKED_BYTES:
                    raise ArchiveError(f"unpacks to more than {MAX_UNPACKED_BYTES // 1024 // 1024} MiB")
                name = _safe_name(member.name)
                if name and ".git" not in name.split("/"):
                    _take(tar, member, name, target, seen)
            commit = str(tar.pax_headers.get("comment", ""))
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OSError) as error:
        raise ArchiveError(f"is not a tar that can be read: {error}") from error
    if count == 0:
        raise ArchiveError("is empty")
    _check_links(target, [name for name, kind in seen.items() if kind == "link"])
    return Unpacked(commit if len(commit) == 40 else "")


def _safe_name(name: str) -> str:
    if not name or "\0" in name or len(name) > MAX_PATH:
        raise ArchiveError(f"has a bad path {name[:80]!r}")
    if name.startswith("/"):
        raise ArchiveError(f"has an absolute path {name!r}")
    if ".." in name.split("/"):
        raise ArchiveError(f"has a path that leads out: {name!r}")
    clean = posixpath.normpath(name)
    return "" if clean == "." else clean


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, name: str, target: Path, seen: dict[str, str]) -> None:
    """Write one member; `seen` is every path so far and what it is, so that nothing is written through a link."""
    parts = name.split("/")
    for depth in range(1, len(parts)):
        parent = "/".join(parts[:depth])
        if seen.setdefault(parent, "folder") != "folder":
            raise ArchiveError(f"writes through {parent!r}, which is not a directory")
    if seen.get(name, "folder" if member.isdir() else "") != ("folder" if member.isdir() else ""):
        raise ArchiveError(f"has {name!r} twice")
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.isdir():
        seen[name] = "folder"
        path.mkdir(exist_ok=True)
    elif member.isreg():
        seen[name] = "file"
        content = tar.extractfile(member)
        with path.open("xb") as file:
            while content is not None and (chunk := content.read(1024 * 1024)):
                file.write(chunk)
        path.chmod(0o755 if member.mode & 0o100 else 0o644)
    elif member.issym():
        seen[name] = "link"
        _check_link(name, member.linkname)
        path.symlink_to(member.linkname)
    else:
        kind = "a hard link" if member.islnk() else "a device or pipe"
        raise ArchiveError(f"holds {kind}: {name!r}")


def _check_link(name: str, destination: str) -> None:
    if destination.startswith("/") or "\0" in destination or not destination:
        raise ArchiveError(f"has a link that leads out: {name!r} -> {destination!r}")
    end = posixpath.normpath(posixpath.join(posixpath.dirname(name), destination))
    if end == ".." or end.startswith("../"):
        raise ArchiveError(f"has a link that leads out: {name!r} -> {destination!r}")


def _check_links(target: Path, links: list[str]) -> None:
    """Follow every link as the kernel would: each alone may look harmless where several in a row lead out."""
    root = target.resolve()
    for name in links:
        try:
            inside = (root / name).resolve().is_relative_to(root)
        except (OSError, RuntimeError):
            raise ArchiveError(f"has a link that leads in a circle: {name!r}") from None
        if not inside:
            raise ArchiveError(f"has a link that leads out: {name!r}")
