"""One child process and its output, watched by the event loop through descriptors; no thread, no polling.

asyncio's own subprocesses start a thread for each child on Python 3.11, and gather output without a bound.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache

from practicum.errors import SandboxError

_CHUNK = 65536
_PR_SET_CHILD_SUBREAPER = 36


class Child:
    """A started process, the leader of a session and process group of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str = "/",
        pass_fds: Sequence[int] = (),
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
    ) -> None:
        """Start it. Call from the event loop's thread: a child that is to die with us dies with this thread.

        Raises:
            SandboxError: the program does not exist or cannot be executed.
        """
        try:
            self._process = subprocess.Popen(
                list(argv),
                env=dict(env),
                cwd=cwd,
                pass_fds=tuple(pass_fds),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise SandboxError(f"cannot start {argv[0]}: {error}") from error
        self.pid = self._process.pid
        self._watch = Watch(self.pid, self._reap)

    def _reap(self) -> None:
        self._process.wait()
        self._watch.bury()

    async def wait(self) -> int:
        """Wait for its end; the exit code as a shell would say it."""
        await self._watch.ended()
        code = self._process.returncode
        return 128 - code if code < 0 else code

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    def kill(self) -> None:
        """Send SIGKILL to its process group, while it is surely still its own."""
        if self.running:
            self.kill_group()

    def kill_group(self) -> None:
        """Send SIGKILL to whatever is left of its process group, though its leader may be gone."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Watch:
    """Tells when a process ends, by a pidfd (pidfd_open(2)); works for processes that are not our children too."""

    def __init__(self, pid: int, then: Callable[[], None] | None = None) -> None:
        self._then = then
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._descriptor = -1
            self._over.set()
            return
        self._loop.add_reader(self._descriptor, self._ended)

    def _ended(self) -> None:
        self._loop.remove_reader(self._descriptor)
        if self._then is not None:
            self._then()
        self._over.set()

    def kill(self) -> None:
        """Send SIGKILL, surely to this process and not to a later one of the same number."""
        if self._descriptor >= 0:
            try:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            except ProcessLookupError:
                return

    async def ended(self) -> None:
        await self._over.wait()

    def bury(self) -> None:
        """After its end, and its parent's: take it out of the process table if it fell to us, and forget it.

        See `adopt_orphans`. By descriptor, so that no later child of the same number can be meant.
        """
        if self._descriptor >= 0:
            with suppress(ChildProcessError):  # its parent may have done it
                os.waitid(os.P_PIDFD, self._descriptor, os.WEXITED | os.WNOHANG)
            os.close(self._descriptor)
            self._descriptor = -1


@cache
def adopt_orphans() -> None:
    """From now on, an orphan among our descendants falls to us, not to process 1 (prctl(2), PR_SET_CHILD_SUBREAPER).

    bubblewrap ends a moment before the first process of its namespace does. Who then buries that one is the machine's
    process 1, and in many a container that buries nobody: the dead would count against the limit of processes.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0) != 0:
        raise SandboxError(f"cannot adopt orphans: {os.strerror(ctypes.get_errno())}")


class Pipe:
    """The read end of a pipe, gathered up to `limit` bytes; what comes after that is read and dropped."""

    def __init__(self, limit: int, seen: Callable[[bytes], None] | None = None) -> None:
        self._limit, self._seen = limit, seen
        self._kept = bytearray()
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.truncated = False
        self._read_end, self.write_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self._readable)

    def started(self) -> None:
        """The child has its copy of the write end: close ours, so that its end is seen."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def _readable(self) -> None:
        try:
            chunk = os.read(self._read_end, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self.close()
            return
        room = self._limit - len(self._kept)
        self._kept += chunk[:room]
        if len(chunk) > room:
            self.truncated = True
        if self._seen is not None:
            self._seen(chunk)

    def close(self) -> None:
        """Stop reading, whether or not the other side has finished."""
        self.started()
        if self._read_end >= 0:
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
            self._read_end = -1
            self._over.set()

    async def finished(self) -> None:
        """Wait until the other side has closed."""
        await self._over.wait()

    def bytes(self) -> bytes:
        return bytes(self._kept)

    def text(self) -> str:
        """What was kept, as UTF-8; a last line says so when something was cut."""
        text = self._kept.decode("utf-8", errors="replace")
        return f"{text}\n[cut after {self._limit} bytes]\n" if self.truncated else text


def sealed(data: bytes, name: str) -> int:
    """A descriptor of an unchangeable file in memory that holds `data`, positioned at its start (memfd_create(2))."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
