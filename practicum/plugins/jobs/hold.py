"""Who works on a job: one process, which holds its lock and listens for its end being asked for.

Beside a job's folder lie `ID.lock`, locked with flock(2) as long as the process lives, and `ID.sock`, a socket. A peer
writes `cancel WHO` or `watch` and reads until the connection ends: then the job is over, or its process is dead. So
nobody asks twice, and nobody waits for the dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from practicum.errors import UsageError
from practicum.text import printable


class BusyJobError(UsageError):
    """Another process works on the job."""


class Hold:
    """Held while the `async with` lasts."""

    def __init__(self, folder: Path, job: str) -> None:
        """`folder` holds the jobs' folders."""
        self._folder = folder
        self._job = job
        self._lock = -1
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.StreamWriter] = set()
        self._asked = asyncio.Event()
        self._by = ""

    async def cancelled(self) -> str:
        """Wait until somebody asks for the job's end; who."""
        await self._asked.wait()
        return self._by

    async def __aenter__(self) -> Hold:
        """Take it.

        Raises:
            BusyJobError: another process has it.
        """
        self._lock = os.open(self._folder / f"{self._job}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise BusyJobError(f"another process works on the job {self._job}") from error
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(self._folder, self._job) as path:
                path.unlink(missing_ok=True)  # of a process that was killed: the lock is ours
                listening.bind(str(path))
            self._server = await asyncio.start_unix_server(self._serve, sock=listening)
        except BaseException:
            listening.close()
            os.close(self._lock)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        with _short(self._folder, self._job) as path:
            path.unlink(missing_ok=True)
        for peer in list(self._peers):
            peer.close()
        os.close(self._lock)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._peers.add(writer)
        try:
            # A peer that writes too much, or goes, is no reason to stop working.
            with contextlib.suppress(ConnectionError, ValueError):
                line = (await reader.readline()).decode(errors="replace")
                word, _, who = line.strip().partition(" ")
                if word == "cancel" and line.endswith("\n"):
                    self._by = printable(who, 100) or "operator"
                    self._asked.set()
                await reader.read()
        finally:
            self._peers.discard(writer)
            writer.close()


def alive(folder: Path, job: str) -> bool:
    """Whether a process works on the job."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.setblocking(False)
        try:
            with _short(folder, job) as path:
                peer.connect(str(path))
        except BlockingIOError:  # it listens, and has not answered others yet
            return True
        except OSError:
            return False
        return True


async def tell(folder: Path, job: str, word: str) -> bool:
    """Say `cancel WHO` or `watch` to whoever works on the job, and wait until it is over. False when nobody does."""
    try:
        with _short(folder, job) as path:
            reader, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(f"{word}\n".encode())
            await writer.drain()
            await reader.read()
    finally:
        writer.close()
    return True


@contextlib.contextmanager
def _short(folder: Path, job: str) -> Iterator[Path]:
    """The socket's path through a descriptor: unix(7) allows 108 bytes, and projects lie deeper than that."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield Path(f"/proc/self/fd/{descriptor}/{job}.sock")
    finally:
        os.close(descriptor)
