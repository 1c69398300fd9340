"""The proctor's process: `python -m practicum.proctor.process --fd N`.

It speaks `practicum.proctor.control` over the inherited socket. When the other end closes, the launcher is gone: every
lease is dead at once, and the process ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import TextIO, cast

import structlog
from pydantic_core import from_json, to_json

from practicum.proctor.hardening import harden
from practicum.proctor.session import Session, answer

_LINE_LIMIT = 16 * 1024 * 1024


def main() -> None:
    """Entry point; exits 0 after `close` or when the launcher is gone, 1 when something failed."""
    parser = argparse.ArgumentParser(prog="practicum.proctor.process", description="Holds the keys of a run.")
    parser.add_argument("--fd", type=int, required=True, help="inherited AF_UNIX socket")
    channel = socket.socket(fileno=parser.parse_args().fd)
    channel.set_inheritable(False)
    environment = harden()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the launcher, whose end reaches us
    try:
        sys.exit(asyncio.run(_run(channel, environment)))
    except BaseExceptionGroup:  # the process's outermost edge: said, without credentials, where the launcher keeps it
        traceback.print_exc()
        sys.exit(1)


async def _run(channel: socket.socket, environment: Mapping[str, str]) -> int:
    reader, writer = await asyncio.open_connection(sock=channel, limit=_LINE_LIMIT)
    async with asyncio.TaskGroup() as group:
        session = Session(environment, group.create_task)
        sys.stderr = cast(TextIO, CleanStream(sys.stderr, session.clean))
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _gone, session)
        await _Line(session, reader, writer, group).serve()
    return 0


_HANDS_OVER = "plugin_values"
"""The one request whose answer is secrets. From every other answer they are put out, whatever becomes of them."""


class _Line:
    """The conversation with the launcher: requests may overlap, so that a slow one holds up no renewal."""

    def __init__(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, group: asyncio.TaskGroup
    ) -> None:
        self._session, self._reader, self._writer, self._group = session, reader, writer, group
        self._closed = asyncio.Event()

    async def serve(self) -> None:
        """Answer until `close` was answered. Ends the process when the launcher is gone."""
        reading = self._group.create_task(self._read())
        await self._closed.wait()
        reading.cancel()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        while line := await self._next():
            self._group.create_task(self._handle(line))
        _gone(self._session)

    async def _next(self) -> bytes:
        try:
            return await self._reader.readline()
        except ConnectionError:
            return b""

    async def _handle(self, line: bytes) -> None:
        reply = await answer(self._session, line)
        method = from_json(line).get("method") if "result" in reply else ""
        said = to_json(reply)
        if method != _HANDS_OVER:
            said = self._session.clean_bytes(said)
        self._writer.write(said + b"\n")
        with contextlib.suppress(ConnectionError):  # the reader notices, and ends us
            await self._writer.drain()
        if method == "close":
            self._closed.set()


class CleanStream(io.TextIOBase):
    """A text stream that lets no credential through, whoever writes: logs, warnings, traces."""

    def __init__(self, target: TextIO, clean: Callable[[str], str]) -> None:
        super().__init__()
        self._target, self._clean = target, clean

    def write(self, text: str) -> int:
        self._target.write(self._clean(text))
        return len(text)

    def flush(self) -> None:
        self._target.flush()


def _gone(session: Session) -> None:
    """Nobody is left to answer to. Sockets, and with them the gateway, go with the process."""
    session.abandon()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
