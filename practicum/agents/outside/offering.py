"""The agent's tools, offered to its program: as calls on the record, served by MCP (streamable HTTP) on loopback.

Agents share the machine's loopback, so the address holds a word that no other agent can guess.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from practicum.agents.journal import Journal
from practicum.agents.toolbox import Outcome, ToolRunner
from practicum.api.model import ToolRequest, ToolResult
from practicum.bus.events import ToolCalled, ToolReturned

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_CALLS = 1000
"""In one turn."""
_SESSIONS = 64
_STOP_S = 2.0


class Offering:
    """What a program may call while it is asked."""

    def __init__(self, tools: ToolRunner, journal: Journal) -> None:
        self._tools, self._journal = tools, journal
        self._turn, self._cause = 0, ""
        self._is_open = False
        self._calls = self._in_turn = 0
        self._listening: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None
        self._server: uvicorn.Server | None = None

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
        self._listening = listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        path = f"/{secrets.token_urlsafe(32)}/mcp"
        self._serving = asyncio.create_task(self._serve(listening, port, path), name="offering")
        return f"http://127.0.0.1:{port}{path}"

    async def _serve(self, listening: socket.socket, port: int, path: str) -> None:
        import uvicorn
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from mcp.server.transport_security import TransportSecuritySettings

        hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
        manager = StreamableHTTPSessionManager(
            self._tool_server(),
            security_settings=TransportSecuritySettings(allowed_hosts=hosts),
            max_sessions=_SESSIONS,
        )
        # Neither its log nor its handlers of signals: the address is a secret, and the host ends by its socket.
        config = uvicorn.Config(
            _only(path, manager.asgi_app), log_config=None, access_log=False, lifespan="off", log_level="critical"
        )
        self._server = uvicorn.Server(config)
        async with manager.run():
            await self._server.serve(sockets=[listening])

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
        serving, self._serving = self._serving, None
        if serving is not None:
            if self._server is None:
                serving.cancel()
            else:
                self._server.should_exit = self._server.force_exit = True
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(serving, _STOP_S)
        if self._listening is not None:
            self._listening.close()


def _only(path: str, app: ASGIApp) -> ASGIApp:
    """What answers at one address, and nowhere else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if secrets.compare_digest(str(scope.get("path", "")).encode(), path.encode()):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return answer


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
