"""One running application: its sandbox, its relay, its output."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from yarl import URL

from practicum.api.sandbox import MIB, Limits, Mount, Sandbox, SandboxProcess, SandboxProvider, SandboxSpec
from practicum.errors import PracticumError
from practicum.sandbox.relay import relay
from practicum.world.deploy.command import StartCommand
from practicum.world.deploy.output import OutputTail

LIMITS = Limits(wall_s=24 * 3600.0, cpu_s=3600, memory_bytes=512 * MIB, processes=128)
FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5
PROBE_TIMEOUT_S = 5.0
SOCKET = "app.sock"
PORT = 8080
"""Inside; every application has a loopback interface of its own."""


class NotHealthyError(PracticumError):
    """The application ended, or its health check did not answer 200 in time."""


class Instance:
    """One start of one release. `start`, then `healthy`, requests by `session`, at the end `stop`."""

    def __init__(
        self,
        sandboxes: SandboxProvider,
        *,
        release: Path,
        data: Path,
        run: Path,
        command: StartCommand,
        version: str,
    ) -> None:
        self._sandboxes = sandboxes
        self._release, self._data, self._run = release, data, run
        self._command, self._version = command, version
        self._sandbox: Sandbox | None = None
        self._process: SandboxProcess | None = None
        self._waiter: asyncio.Task[int] | None = None
        self._output: OutputTail | None = None
        self._meeting: Path | None = None

    @property
    def log(self) -> str:
        """The last of what it wrote."""
        return self._output.text() if self._output else ""

    async def start(self) -> None:
        """Start the process; it is not yet known to work.

        Raises:
            SandboxError: the sandbox could not be set up.
        """
        self._run.mkdir(parents=True, exist_ok=True)
        self._meeting = Path(tempfile.mkdtemp(dir=self._run))
        self._output = OutputTail()
        spec = SandboxSpec(
            mounts=(
                Mount(self._release, "/app"),
                Mount(self._data, "/data", writable=True),
                Mount(self._meeting, "/run/relay", writable=True),
            ),
            cwd="/app",
            env={
                "PORT": str(PORT),
                "VERSION": self._version,
                "DATA_DIR": "/data",
                "PYTHONUNBUFFERED": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
                **self._command.env,
            },
            limits=LIMITS,
        )
        self._sandbox = await self._sandboxes.open(spec)
        descriptor = self._output.write_end
        argv = relay(f"/run/relay/{SOCKET}", PORT, ["sh", "-c", f"exec {self._command.web}"])
        self._process = await self._sandbox.start(argv, stdout=descriptor, stderr=descriptor)
        self._output.started()
        self._waiter = asyncio.create_task(self._process.wait())

    async def ended(self) -> int:
        """Wait until the application ends by itself; returns its exit code."""
        if self._waiter is None:
            return -1
        await asyncio.wait((self._waiter,))
        return -1 if self._waiter.cancelled() else self._waiter.result()

    async def healthy(self, path: str, timeout_s: float) -> None:
        """Ask `path` until it answers 200.

        Raises:
            NotHealthyError: the application ended, or did not answer so within `timeout_s`.
        """
        probe = asyncio.create_task(self._probe(path))
        last = ""
        try:
            async with asyncio.timeout(timeout_s):
                watched = [probe] if self._waiter is None else [probe, self._waiter]
                await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            last = self._last_answer or "nothing answered"
            raise NotHealthyError(f"{path} did not answer 200 within {timeout_s:g} s: {last}") from None
        finally:
            if not probe.done():
                probe.cancel()
                await asyncio.wait((probe,))
        if not probe.cancelled() and probe.exception() is None:
            return
        code = await self.ended()
        if self._output is not None:
            await self._output.drained(1.0)
        raise NotHealthyError(f"the application ended with exit code {code}")

    _last_answer = ""

    async def _probe(self, path: str) -> None:
        """Return when `path` has answered 200."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S)
                async with (
                    self.session() as session,
                    session.get(self.address(path), timeout=timeout, allow_redirects=False) as answer,
                ):
                    if answer.status == 200:
                        return
                    self._last_answer = f"it answered {answer.status}"
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._last_answer = f"{type(error).__name__}"
            await asyncio.sleep(pause)  # between two probes, as every health check has
            pause = min(pause * 1.5, LONGEST_PAUSE_S)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A client of the application, for one request. Keeps no cookie.

        The directory of the socket is the application's to write, so the socket's inode is opened first, through no
        link, and then connected to by `/proc/self/fd`: also shorter than the 108 bytes that an address may have.

        Raises:
            OSError: there is no such socket.
        """
        handle = os.open(self._socket(), os.O_PATH | os.O_NOFOLLOW)
        try:
            if not stat.S_ISSOCK(os.fstat(handle).st_mode):
                raise ConnectionRefusedError("the application's relay is not there")
            connector = aiohttp.UnixConnector(path=f"/proc/self/fd/{handle}", force_close=True)
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=jar) as session:
                yield session
        finally:
            os.close(handle)

    @staticmethod
    def address(path: str) -> URL:
        """The application's own address for a raw path and query."""
        return URL(f"http://127.0.0.1:{PORT}{path}", encoded=True)

    def _socket(self) -> Path:
        if self._meeting is None:
            raise FileNotFoundError("the application was not started")
        return self._meeting / SOCKET

    async def stop(self) -> None:
        """End the application and everything that it started."""
        if self._process is not None:
            await self._process.kill()
        if self._waiter is not None:
            await asyncio.wait((self._waiter,))
        if self._sandbox is not None:
            await self._sandbox.close()
            self._sandbox = None
        if self._output is not None:
            await self._output.drained(0.5)
            self._output.close()
        if self._meeting is not None:
            await asyncio.to_thread(shutil.rmtree, self._meeting, True)
