"""The processes of a run, and the line that each of them hangs on.

A child inherits one end of a socket pair. JSON lines go both ways; when our end closes, for whatever reason, the child
ends at once. So nothing outlives the launcher, not even when it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from practicum import errors
from practicum.errors import InfrastructureError, PracticumError

_LINE_LIMIT = 64 * 1024 * 1024
_STOP_S = 3.0


class Line:
    """Our end of a child's socket: requests with answers, and the first line it says by itself."""

    def __init__(self, name: str, connection: socket.socket) -> None:
        self.name = name
        self._connection = connection
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._greeting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()
        """Set when the child closed its end, or is gone."""
        self.last_error = ""

    async def open(self) -> None:
        """Begin to read."""
        reader, self._writer = await asyncio.open_connection(sock=self._connection, limit=_LINE_LIMIT)
        self._reading = asyncio.create_task(self._read(reader))

    async def send(self, value: Any) -> None:
        """Write one line.

        Raises:
            InfrastructureError: the child is gone.
        """
        if self._writer is None:
            raise InfrastructureError(f"{self.name} is not connected")
        try:
            self._writer.write(to_json(value) + b"\n")
            await self._writer.drain()
        except (ConnectionError, OSError) as error:
            raise InfrastructureError(f"{self.name} is gone{self._why()}") from error

    async def greeting(self, timeout: float) -> dict[str, Any]:
        """The first line without an id.

        Raises:
            PracticumError: the child reported an error.
            InfrastructureError: it said nothing in time, or is gone.
        """
        try:
            value = await asyncio.wait_for(asyncio.shield(self._greeting), timeout)
        except TimeoutError as error:
            raise InfrastructureError(f"{self.name} did not start within {timeout:g} s") from error
        if "error" in value:
            raise rebuild(value["error"])
        return value

    async def request(self, method: str, params: Any = None, *, timeout: float = 30.0) -> Any:
        """Ask and await the answer.

        Raises:
            PracticumError: the child's own error, of the class it had there.
            InfrastructureError: no answer in time, or the child is gone.
        """
        number = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self.send({"id": number, "method": method, "params": params if params is not None else {}})
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError as error:
            raise InfrastructureError(f"{self.name} did not answer {method} within {timeout:g} s") from error
        finally:
            self._waiting.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while raw := await reader.readline():
                self._take(from_json(raw))
        self.closed.set()
        gone = InfrastructureError(f"{self.name} is gone{self._why()}")
        for waiting in [*self._waiting.values(), self._greeting]:
            if not waiting.done():
                waiting.set_exception(gone)
                waiting.exception()  # nobody may be waiting for it

    def _take(self, value: dict[str, Any]) -> None:
        number = value.get("id")
        if number is None:
            if isinstance(value.get("error"), dict):
                self.last_error = str(value["error"].get("message", ""))
            if not self._greeting.done():
                self._greeting.set_result(value)
            return
        waiting = self._waiting.get(number)
        if waiting is None or waiting.done():
            return
        if "error" in value:
            waiting.set_exception(rebuild(value["error"]))
        else:
            waiting.set_result(value.get("result"))

    def _why(self) -> str:
        return f": {self.last_error}" if self.last_error else ""

    async def close(self) -> None:
        """Close our end; the child takes that as the order to go."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError, OSError):
                await self._writer.wait_closed()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading


def rebuild(value: Mapping[str, Any]) -> PracticumError:
    """An error as it was in the child: same class where we know it, same message and hint."""
    kind = getattr(errors, str(value.get("kind", "")), None)
    message, hint = str(value.get("message", "unknown error")), str(value.get("hint", ""))
    if isinstance(kind, type) and issubclass(kind, PracticumError) and kind.__init__ is PracticumError.__init__:
        return kind(message, hint=hint)
    made = InfrastructureError(message, hint=hint)
    if "exit_code" in value:
        made.exit_code = errors.ExitCode(int(value["exit_code"]))
    return made


def scrubbed_environment() -> dict[str, str]:
    """What a child other than the proctor gets of our environment: nothing that could be a key."""
    keep = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PRACTICUM_SANDBOX_ALLOW_UNSAFE")
    return {
        **{name: os.environ[name] for name in keep if name in os.environ},
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class Child:
    """A process of the run that is not an agent: proctor or world."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, line: Line) -> None:
        self.name, self.process, self.line = name, process, line

    @property
    def pid(self) -> int:
        return self.process.pid

    async def wait(self) -> int:
        """Its exit code, once it ended."""
        return await self.process.wait()

    async def stop(self) -> None:
        """Close the line, wait a moment, kill."""
        await self.line.close()
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


async def start_child(
    name: str, module: str, *, log: Path, environment: Mapping[str, str], arguments: Sequence[str] = ()
) -> Child:
    """Start `python -m module --fd N` with one end of a socket pair; stderr goes to `log`.

    Nothing is imported from the current folder: a `yaml.py` in a project would run where the keys are.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with log.open("ab") as file, theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", module, "--fd", str(theirs.fileno()), *arguments,
            pass_fds=[theirs.fileno()], env=dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=file,
            stderr=file, start_new_session=True,
        )  # fmt: skip
    line = Line(name, ours)
    await line.open()
    return Child(name, process, line)
