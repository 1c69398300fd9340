"""The agent's tools, offered to its program: as calls on the record, served by MCP (streamable HTTP) on loopback.

Agents share the machine's loopback, so the address holds a word that no other agent can guess.
"""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack
from typing import Any

from pydantic_core import to_json

from practicum.agents.journal import Journal
from practicum.agents.toolbox import Outcome, ToolRunner
from practicum.api.model import ToolRequest, ToolResult
from practicum.bus.events import ToolCalled, ToolReturned
from practicum.mcp_edge import served

MOST_CALLS = 1000
"""In one turn."""


class Offering:
    """What a program may call while it is asked."""

    def __init__(self, tools: ToolRunner, journal: Journal) -> None:
        self._tools, self._journal = tools, journal
        self._turn, self._cause = 0, ""
        self._is_open = False
        self._calls = self._in_turn = 0
        self._serving = AsyncExitStack()

    def open(self, turn: int, cause: str) -> None:
        """A turn is on; its calls are recorded with it."""
        self._turn, self._cause, self._is_open, self._in_turn = turn, cause, True, 0

    def shut(self) -> None:
        """The turn is over: a call after it would be made while others take the agent for idle."""
        self._is_open = False

    async def call(self, tool: str, args: dict[str, Any]) -> ToolResult:
        """Make a call and record it, as the agent's loop does for a model's. Failures are results."""
        self._calls += 1
        request = ToolRequest(f"program-{self._calls}", tool, args)
        if not self._is_open:
            return ToolResult(request.id, False, "no task is on: tools can be called while one is being answered")
        self._in_turn += 1
        if self._in_turn > MOST_CALLS:
            return ToolResult(request.id, False, f"{MOST_CALLS} calls were made in this turn: no more")
        turn, effect = self._turn, self._tools.effect(tool)
        called = ToolCalled(turn=turn, call=request.id, tool=tool, args=args, effect=effect)
        take = self._journal.store if effect == "once" else self._journal.post
        asked = await take(called, cause=self._cause or None)
        outcome = await self._tools.run(request, asked)
        await self._journal.post(_returned(turn, tool, outcome), cause=asked)
        return outcome.result

    async def start(self) -> str:
        """Serve; the address for the program's MCP client."""
        listening = socket.create_server(("127.0.0.1", 0))
        return await self._serving.enter_async_context(served(self._tool_server(), listening))

    def _tool_server(self) -> Any:
        from mcp.server.lowlevel import Server
        from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, TextContent, Tool

        async def list_tools(context: object, params: object) -> ListToolsResult:
            return ListToolsResult(
                tools=[
                    Tool(name=spec.name, description=spec.description, input_schema=spec.schema)
                    for spec in self._tools.specs
                ]
            )

        async def call_tool(context: object, params: CallToolRequestParams) -> CallToolResult:
            result = await self.call(params.name, params.arguments or {})
            content = result.content
            text = content if isinstance(content, str) else to_json(content).decode()
            return CallToolResult(content=[TextContent(text=text)], is_error=not result.ok)

        return Server("practicum", on_list_tools=list_tools, on_call_tool=call_tool)

    async def close(self) -> None:
        """Stop serving."""
        await self._serving.aclose()


def _returned(turn: int, tool: str, outcome: Outcome) -> ToolReturned:
    result = outcome.result
    return ToolReturned(
        turn=turn,
        call=result.call,
        tool=tool,
        ok=result.ok,
        result=result.content if result.ok else None,
        error="" if result.ok else str(result.content),
        ms=round(outcome.ms, 3),
    )
