"""A folder of this machine and its copy elsewhere, kept equal, for sandboxes that cannot see our disk.

What comes back was made by whoever runs there: nothing of it is followed, and nothing is written outside the folder.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from practicum.api.sandbox import MIB
from practicum.errors import SandboxError

MOST_BYTES = 512 * MIB
MOST_ENTRIES = 50_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Mark = tuple[int, int, int, int]
"""Mode, inode, size, mtime in ns."""


class Mirror:
    """The folder `host`. `owner` is the uid that gets what comes back; None leaves it ours."""

    def __init__(self, host: Path, owner: int | None = None) -> None:
        self.host, self._owner = host, owner
        self._sent: dict[str, Mark] = {}

    def outgoing(self) -> tuple[list[str], list[str]]:
        """What was made or changed here, and what was removed, since `settle`. Blocks."""
        now = self._scan()
        changed = [name for name, mark in now.items() if self._sent.get(name) != mark]
        return changed, [name for name in self._sent if name not in now]

    def settle(self) -> None:
        """Both sides are equal now. Blocks."""
        self._sent = self._scan()

    def pack(self, names: Iterable[str], uid: int) -> bytes:
        """Those entries as a tar archive, owned by `uid`, as is the folder itself. Blocks.

        Raises:
            SandboxError: they are too large to be sent.
        """
        buffer = io.BytesIO()
        size = 0
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in (".", *names):
                try:
                    info = archive.gettarinfo(str(self.host / name), arcname=name)
                except OSError:
                    continue  # removed since
                if info is None or not (info.isreg() or info.isdir() or info.issym()):
                    continue
                info.uid = info.gid = uid
                info.uname = info.gname = ""
                size += info.size
                if size > MOST_BYTES:
                    raise SandboxError(f"{self.host} holds more than {MOST_BYTES // MIB} MiB, too much to be sent")
                if not info.isreg():
                    archive.addfile(info)
                    continue
                with self._open(name) as stream:
                    info.size = os.fstat(stream.fileno()).st_size
                    archive.addfile(info, stream)
        return buffer.getvalue()

    def receive(self, archive: bytes, *, strip: int = 0, only: bool) -> None:
        """Make the folder equal to an archive. Blocks.

        `strip` is the number of leading parts of each name that are not ours. With `only`, what the archive does not
        hold is removed.

        Raises:
            SandboxError: it is no archive, holds too much, or a name that leads outside.
        """
        kept: set[str] = set()
        size = 0
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
                for info in opened:
                    name = _inner(info.name, strip)
                    if name is None:
                        continue
                    size += info.size
                    if len(kept) > MOST_ENTRIES or size > MOST_BYTES:
                        raise SandboxError(f"what came back for {self.host} is too large")
                    if self._take(opened, info, name, strip):
                        kept.add(name)
        except (tarfile.TarError, EOFError) as error:
            raise SandboxError(f"what came back for {self.host} cannot be read: {error}") from error
        except OSError as error:
            raise SandboxError(f"what came back for {self.host} cannot be written: {error.strerror}") from error
        if only:
            self.keep(kept)
        else:
            self.settle()

    def keep(self, names: set[str]) -> None:
        """Remove everything but these, and the folders that hold them. Blocks."""
        parents = {str(parent) for name in names for parent in PurePosixPath(name).parents}
        self.remove([name for name in self._scan() if name not in names and name not in parents])
        self.settle()

    def remove(self, names: Iterable[str]) -> None:
        """Remove entries, the deepest first. Blocks."""
        for name in sorted(names, key=lambda name: name.count("/"), reverse=True):
            inner = _inner(name, 0)
            if inner is not None:
                with suppress(OSError), self._parent(inner, make=False) as (folder, last):
                    _clear(folder, last)

    def _take(self, opened: tarfile.TarFile, info: tarfile.TarInfo, name: str, strip: int) -> bool:
        with self._parent(name, make=True) as (folder, last):
            if info.isdir():
                self._folder(folder, last)
                return True
            if info.issym():
                with suppress(OSError):
                    if os.readlink(last, dir_fd=folder) == info.linkname:
                        return True
                _clear(folder, last)
                os.symlink(info.linkname, last, dir_fd=folder)
                return True
            if info.islnk() and _inner(info.linkname, strip) is None:
                raise SandboxError(f"{name} leads outside")
            stream = opened.extractfile(info) if info.isreg() or info.islnk() else None
            if stream is None:
                return False  # a device, a pipe: nothing that a folder of files holds
            self._file(folder, last, stream.read(), 0o755 if info.mode & 0o111 else 0o644)
            return True

    def _folder(self, parent: int, name: str) -> None:
        try:
            if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                return
            os.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            pass
        os.mkdir(name, 0o755, dir_fd=parent)
        if self._owner is not None:
            os.chown(name, self._owner, self._owner, dir_fd=parent, follow_symlinks=False)

    def _file(self, parent: int, name: str, content: bytes, mode: int) -> None:
        """Write it, unless that is what is there: a file that nobody touched keeps its time."""
        if self._same(parent, name, content, mode):
            return
        _clear(parent, name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, mode, dir_fd=parent), "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
            if self._owner is not None:
                os.fchown(stream.fileno(), self._owner, self._owner)

    def _same(self, parent: int, name: str, content: bytes, mode: int) -> bool:
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
        except OSError:
            return False
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size != len(content):
                return False
            with os.fdopen(os.dup(descriptor), "rb") as stream:
                return found.st_mode & 0o111 == mode & 0o111 and stream.read() == content
        finally:
            os.close(descriptor)

    @contextmanager
    def _parent(self, name: str, *, make: bool) -> Iterator[tuple[int, str]]:
        """A descriptor of the folder that holds `name`, reached without following any link, and its last part."""
        *parts, last = PurePosixPath(name).parts
        current = os.open(self.host, _FOLDER)
        try:
            for part in parts:
                if make:
                    self._folder(current, part)
                inner = os.open(part, _FOLDER, dir_fd=current)
                os.close(current)
                current = inner
            yield current, last
        finally:
            os.close(current)

    @contextmanager
    def _open(self, name: str) -> Iterator[io.BufferedReader]:
        with self._parent(name, make=False) as (folder, last):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(last, flags, dir_fd=folder), "rb") as stream:
                yield stream

    def _scan(self) -> dict[str, Mark]:
        found: dict[str, Mark] = {}
        folders = [""]
        while folders:
            folder = folders.pop()
            with suppress(OSError), os.scandir(self.host / folder) as entries:
                for entry in entries:
                    name = f"{folder}{entry.name}"
                    seen = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(seen.st_mode):
                        folders.append(f"{name}/")
                        found[name] = (seen.st_mode, 0, 0, 0)
                    else:
                        found[name] = (seen.st_mode, seen.st_ino, seen.st_size, seen.st_mtime_ns)
                    if len(found) > MOST_ENTRIES:
                        raise SandboxError(f"{self.host} holds more than {MOST_ENTRIES} files, too many to be sent")
        return found


def _inner(name: str, strip: int) -> str | None:
    """A name of an archive as a path of ours; None for the folder itself.

    Raises:
        SandboxError: it leads outside.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise SandboxError(f"{name!r} leads outside")
    parts = path.parts[strip:]
    return "/".join(parts) if parts else None


def _clear(folder: int, name: str) -> None:
    """Remove whatever stands there, a folder with all that it holds."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError:  # a folder (EISDIR, or EPERM by POSIX)
        inner = os.open(name, _FOLDER, dir_fd=folder)
        try:
            for entry in os.listdir(inner):
                _clear(inner, entry)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=folder)
