"""A user's program as a process: its lines, its last words, its end."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from practicum.errors import ModelError, SandboxError
from practicum.sandbox.child import Child, Pipe

T = TypeVar("T")

LONGEST_LINE = 1024 * 1024
"""Bytes of one line that a program may write; longer ones are dropped."""

_CHUNK = 64 * 1024
_TAIL = 4000
"""Characters of what it said last, for errors."""
_LOGGED = 256 * 1024
"""Characters of it that the agent's log takes."""
_LAST_OUTPUT_S = 0.5
"""How long to read on after its end: what it started may hold its output open for ever."""
_PATH = "/usr/local/bin:/usr/bin:/bin"


class LastWords:
    """What a program says besides its answers: the end of it, and the beginning in the agent's log."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._hide = hide
        self._kept: deque[str] = deque()
        self._size = self._logged = 0
        self._part = b""

    def take(self, chunk: bytes) -> None:
        """The next bytes of it."""
        *lines, self._part = (self._part + chunk).split(b"\n")
        for line in lines:
            self.add(line)
        if len(self._part) > _CHUNK:
            self.add(self._part)
            self._part = b""

    def add(self, line: bytes) -> None:
        """One line."""
        text = self._hide(line.decode(errors="replace"))[-_TAIL:]
        self._kept.append(text)
        self._size += len(text) + 1
        while self._size > _TAIL and len(self._kept) > 1:
            self._size -= len(self._kept.popleft()) + 1
        if self._logged < _LOGGED:
            self._logged += len(text) + 1
            print(text, file=sys.stderr, flush=True)

    def text(self) -> str:
        """The last of it, without secrets."""
        rest = [self._hide(self._part.decode(errors="replace"))] if self._part else []
        return "\n".join([*self._kept, *rest]).strip()[-_TAIL:]


class Running:
    """A started program that is written to and read from line by line. Make it with `start`."""

    def __init__(
        self, child: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: LastWords
    ) -> None:
        self._child, self._reader, self._writer = child, reader, writer
        self.words = words
        self._buffer = bytearray()
        self._dropping = False
        self._errors: Pipe | None = None
        self._source: asyncio.ReadTransport | None = None

    @classmethod
    async def start(
        cls, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, hide: Callable[[str], str]
    ) -> Running:
        """Start it.

        Raises:
            ModelError: it does not exist or cannot be executed.
        """
        words = LastWords(hide)
        loop = asyncio.get_running_loop()
        errors = Pipe(0, words.take)
        theirs, ours = os.pipe2(os.O_CLOEXEC)
        out, its = os.pipe2(os.O_CLOEXEC)
        try:
            child = start_child(argv, env=env, cwd=cwd, stdin=theirs, stdout=its, stderr=errors.write_end)
        except ModelError:
            os.close(ours)
            os.close(out)
            errors.close()
            raise
        finally:
            os.close(theirs)
            os.close(its)
        errors.started()
        reader = asyncio.StreamReader(limit=_CHUNK)
        source, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb", buffering=0)
        )
        # A protocol with flow control is all that a writer needs; what it could read is nobody's.
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(ours, "wb", buffering=0)
        )
        running = cls(child, reader, asyncio.StreamWriter(transport, protocol, None, loop), words)
        running._errors, running._source = errors, source
        return running

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._child.running

    async def write(self, line: bytes) -> None:
        """Write a line. When it has closed its input or is gone this says nothing: `line` tells of its end."""
        with suppress(ConnectionError, OSError):
            self._writer.write(line + b"\n")
            await self._writer.drain()

    async def line(self) -> bytes | None:
        """Its next line, without the end; None when there is none any more. Those that are too long are left out."""
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                found, self._dropping, dropped = bytes(self._buffer[:end]), False, self._dropping
                del self._buffer[: end + 1]
                if not dropped and len(found) <= LONGEST_LINE:
                    return found
                self.words.add(b"[a line of over %d bytes was dropped]" % LONGEST_LINE)
                continue
            if len(self._buffer) > LONGEST_LINE:
                self._buffer.clear()
                self._dropping = True
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                rest, self._buffer = bytes(self._buffer), bytearray()
                return rest or None
            self._buffer += chunk

    async def ended(self) -> str:
        """Wait for its end, once its output has ended; how that was, in words."""
        code = await self._child.wait()
        await self._last_errors()
        return said_of_end(code, self.words.text())

    async def gone(self) -> int:
        """Wait until the process itself ends, whatever holds its output open; its exit code as a shell would say it."""
        return await self._child.wait()

    async def _last_errors(self) -> None:
        if self._errors is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_OUTPUT_S):
                    await self._errors.finished()

    async def stop(self) -> int:
        """End it and what is in its process group; its exit code."""
        self._child.kill_group()
        code = await self._child.wait()
        self._writer.close()
        if self._source is not None:
            self._source.close()
        if self._errors is not None:
            self._errors.close()
        return code


def start_child(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: str, stdin: int, stdout: int, stderr: int
) -> Child:
    """Start the process, which the kernel ends when we end.

    Raises:
        ModelError: it does not exist or cannot be executed.
    """
    # Where a sandbox has no process namespace of its own, nothing else would bind its life to ours.
    setpriv = shutil.which("setpriv", path=_PATH)
    bound = [setpriv, "--pdeathsig=KILL", "--"] if setpriv else []
    try:
        return Child([*bound, *argv], env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr)
    except SandboxError as error:
        raise ModelError(f"the program cannot be started: {error.message}") from error


async def while_it_lives(
    program: Running, doing: Coroutine[Any, Any, T] | asyncio.Future[T], *others: asyncio.Task[None]
) -> T:
    """What is waited for, unless the program ends first, or one of `others` fails.

    Raises:
        ModelError: the program ended.
    """
    asked, gone = asyncio.ensure_future(doing), asyncio.ensure_future(program.gone())
    try:
        await asyncio.wait({asked, gone, *others}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done() and not asked.cancelled() and asked.exception() is None:
            return asked.result()
        if not gone.done():
            # A lost connection is often seen before the end that explains it.
            await asyncio.wait({gone}, timeout=_LAST_OUTPUT_S)
        if gone.done():
            raise ModelError(f"the program {await program.ended()}")
        for other in others:
            if other.done():
                other.result()
        return await asked
    finally:
        asked.cancel()
        gone.cancel()


def said_of_end(code: int, words: str) -> str:
    """How a program ended, in words."""
    how = f"was killed by signal {code - 128}" if 128 < code <= 192 else f"ended with exit code {code}"
    return f"{how}{f'; it said last: {words}' if words else ''}"
