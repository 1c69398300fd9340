"""The protocol `mcp`: the program is an MCP server over its input and output, with a tool that takes a task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from practicum.agents.outside.asking import Task, answer
from practicum.agents.outside.running import Running, while_it_lives
from practicum.api.model import ModelRequest, ModelTurn
from practicum.errors import ModelError
from practicum.mcp_edge import line_streams

if TYPE_CHECKING:
    from mcp import Client

NAMES = ("run", "answer", "ask", "chat")
"""Tools that take a task, by preference; a server with one tool may call it as it likes."""
_FIELDS = ("input", "task", "prompt", "text", "message", "query", "question")
_STOP_S = 1.0


class McpDialogue:
    """Calls the program's tool once a turn; the server lives as long as the run."""

    def __init__(self, start: Callable[[], Awaitable[Running]]) -> None:
        self._start = start
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._closing = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._program: Running | None = None
        self._tool = self._field = ""

    async def ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        """See `Dialogue`."""
        if task is None:
            raise ModelError("a program of the protocol mcp calls tools by itself")
        if self._program is None or self._life is None:
            self._program = await self._start()
            self._life = asyncio.create_task(self._live(self._program), name="mcp")
        program, life = self._program, self._life
        client = await while_it_lives(program, asyncio.shield(self._ready), life)
        if not self._tool:
            listed = await while_it_lives(program, client.list_tools(), life)
            self._tool, self._field = _choose(listed.tools)
        result = await while_it_lives(program, client.call_tool(self._tool, {self._field: task.text}), life)
        text = "\n".join(block.text for block in result.content if block.type == "text")
        if result.is_error:
            raise ModelError(f"its tool {self._tool} failed: {text[:2000]}")
        return answer(text)

    async def _live(self, program: Running) -> None:
        """Shake hands and keep the connection until the end: all in one task, as anyio wants it."""
        from mcp import Client

        async with Client(line_streams(program.line, program.write, program.words.add)) as client:
            self._ready.set_result(client)
            await self._closing.wait()

    async def close(self) -> None:
        """See `Dialogue`."""
        self._closing.set()
        if self._life is not None:
            if not self._ready.done():
                self._life.cancel()
            with suppress(asyncio.CancelledError, Exception):  # it is over, however it went
                await asyncio.wait_for(self._life, _STOP_S)
        if self._program is not None:
            await self._program.stop()


def _choose(tools: list[Any]) -> tuple[str, str]:
    """The tool that takes a task, and the name of its argument.

    Raises:
        ModelError: there is none.
    """
    by_name = {tool.name: tool for tool in tools}
    found = next((by_name[name] for name in NAMES if name in by_name), None)
    if found is None and len(tools) == 1:
        found = tools[0]
    if found is None:
        has = ", ".join(sorted(by_name)) or "none"
        raise ModelError(f"its MCP server has no tool {' or '.join(NAMES)} (it has: {has})")
    properties = found.input_schema.get("properties", {})
    texts = [name for name, schema in properties.items() if schema.get("type") == "string"]
    field = next((name for name in _FIELDS if name in texts), next(iter(texts), ""))
    if not field:
        raise ModelError(f"its tool {found.name} takes no text")
    return str(found.name), str(field)
