"""The protocol `text`: one process for each task, which reads the words and prints its answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence

from practicum.agents.outside.asking import LONGEST_ANSWER, Task, answer
from practicum.agents.outside.running import LastWords, said_of_end, start_child
from practicum.api.model import ModelRequest, ModelTurn
from practicum.errors import ModelError
from practicum.sandbox.child import Child, Pipe, sealed

INPUT = "{input}"
"""In the command line, where the words go; without it they come by standard input."""

_LONGEST_ARGUMENT = 128 * 1024 - 1
"""Bytes, MAX_ARG_STRLEN (execve(2))."""
_LAST_OUTPUT_S = 0.5


class TextDialogue:
    """Runs the program once for each task."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, hide: Callable[[str], str]) -> None:
        self._argv, self._env, self._cwd, self._hide = argv, env, cwd, hide
        self._child: Child | None = None

    async def ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        """See `Dialogue`."""
        if task is None:
            raise ModelError("a program of the protocol text calls no tools by itself")
        by_argument = any(INPUT in word for word in self._argv)
        if by_argument and len(task.text.encode()) > _LONGEST_ARGUMENT:
            raise ModelError(f"the task is too long for {INPUT} in a command line", hint="read it from standard input")
        text = task.text.replace("\0", "")
        argv = [word.replace(INPUT, text) for word in self._argv]
        words = LastWords(self._hide)
        out, err = Pipe(4 * LONGEST_ANSWER), Pipe(0, words.take)
        source = sealed(b"" if by_argument else text.encode(), "task")
        try:
            env = {**self._env, "PRACTICUM_TURN": str(task.turn)}
            self._child = start_child(
                argv, env=env, cwd=self._cwd, stdin=source, stdout=out.write_end, stderr=err.write_end
            )
            out.started()
            err.started()
            code = await self._child.wait()
            try:
                async with asyncio.timeout(_LAST_OUTPUT_S):
                    await out.finished()
                    await err.finished()
            except TimeoutError:
                pass  # what it left behind holds them; what that writes is nobody's answer
        finally:
            await self.close()
            os.close(source)
            out.close()
            err.close()
        if code != 0:
            raise ModelError(f"the program {said_of_end(code, words.text() or self._hide(out.text()[-2000:]))}")
        return answer(out.text())

    async def close(self) -> None:
        """See `Dialogue`. What it left in its process group ends too."""
        if self._child is not None:
            self._child.kill_group()
            await self._child.wait()
            self._child = None
