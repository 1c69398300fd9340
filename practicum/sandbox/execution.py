"""One execution from its start to its result: its input, both its outputs, its time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Awaitable
from types import TracebackType

from practicum.api.sandbox import ExecResult, Limits
from practicum.sandbox.child import Pipe, sealed

TIMEOUT_EXIT = 124
"""Exit code of what was ended after its time, as timeout(1) has it."""


_PIPE_BYTES = 60_000
"""A pipe holds so much without anybody who writes on."""


def _source(stdin: bytes) -> int:
    """A descriptor to read `stdin` from. What is short comes by a pipe: once read it is gone, also for whoever looks at
    the descriptors of the sandbox's first process.
    """
    if len(stdin) > _PIPE_BYTES:
        return sealed(stdin, "stdin")
    reading, writing = os.pipe2(os.O_CLOEXEC)
    with open(writing, "wb", buffering=0) as file:
        file.write(stdin)
    return reading


class Execution:
    """Holds the descriptors of one execution: a context manager that closes them.

    Start the command with `source`, `out` and `err`, call `started`, and await `over`; then gather the outputs.
    """

    def __init__(self, stdin: bytes, limits: Limits) -> None:
        self._limits = limits
        self._began = time.monotonic()
        self._out, self._err = Pipe(limits.output_bytes), Pipe(limits.output_bytes)
        self.source = _source(stdin) if stdin else subprocess.DEVNULL
        self.timed_out = False

    def __enter__(self) -> Execution:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.source >= 0:
            os.close(self.source)
        self._out.close()
        self._err.close()

    @property
    def out(self) -> int:
        """Where the command writes its output."""
        return self._out.write_end

    @property
    def err(self) -> int:
        """Where the command writes its errors."""
        return self._err.write_end

    def started(self) -> None:
        """The command has its copies of the descriptors."""
        self._out.started()
        self._err.started()

    async def over(self, end: Awaitable[object]) -> None:
        """Wait for the command's end, as long as its limits allow; `timed_out` says whether that was enough."""
        try:
            async with asyncio.timeout(self._limits.wall_s):
                await end
        except TimeoutError:
            self.timed_out = True

    async def gathered(self) -> None:
        """Wait until both outputs are read to their end."""
        await self._out.finished()
        await self._err.finished()

    def errors(self) -> str:
        """What was written as errors so far."""
        return self._err.text()

    def result(self, code: int, *, out_of_memory: bool = False) -> ExecResult:
        """The result; `code` counts where the time was enough."""
        return ExecResult(
            exit_code=TIMEOUT_EXIT if self.timed_out else code,
            stdout=self._out.text(),
            stderr=self._err.text(),
            seconds=time.monotonic() - self._began,
            timed_out=self.timed_out,
            out_of_memory=out_of_memory,
            truncated=self._out.truncated or self._err.truncated,
        )
