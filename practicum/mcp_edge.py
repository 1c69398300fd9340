"""MCP at our edges, through the official SDK: a server at an address of its own, a program's lines as its streams.

Model Context Protocol, modelcontextprotocol.io; the SDK speaks the version that the other side asks for.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp, Receive, Scope, Send

_SESSIONS = 64
_STOP_S = 2.0


@asynccontextmanager
async def served(server: Server[Any], listening: socket.socket) -> AsyncIterator[str]:
    """Serve by streamable HTTP on a loopback socket while the context lasts; yields the address. The socket is closed.

    The address holds a word that nobody can guess: whoever has it may call, and others of this machine have it not.
    """
    import uvicorn
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    class Quiet(uvicorn.Server):
        """Leaves signals to the process that it is a part of."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    port = listening.getsockname()[1]
    path = f"/{secrets.token_urlsafe(32)}/mcp"
    allowed = TransportSecuritySettings(allowed_hosts=[f"127.0.0.1:{port}", f"localhost:{port}"])
    manager = StreamableHTTPSessionManager(server, security_settings=allowed, max_sessions=_SESSIONS)
    # No log: it would hold the address.
    config = uvicorn.Config(
        _only(path, manager.asgi_app), log_config=None, access_log=False, lifespan="off", log_level="critical"
    )
    http = Quiet(config)

    async def serve() -> None:
        async with manager.run():
            await http.serve(sockets=[listening])

    with listening:
        serving = asyncio.create_task(serve(), name="mcp-server")
        try:
            yield f"http://127.0.0.1:{port}{path}"
        finally:
            http.should_exit = http.force_exit = True
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(serving, _STOP_S)


@asynccontextmanager
async def line_streams(
    read: Callable[[], Awaitable[bytes | None]],
    write: Callable[[bytes], Awaitable[None]],
    stray: Callable[[bytes], None] = lambda _: None,
) -> AsyncIterator[Any]:
    """The lines of a program as the two streams of JSON-RPC messages that the SDK's client takes.

    The SDK's own client for programs reads lines without a bound, and starts them itself; here both are the caller's.

    Args:
        read: gives the next line; None at the end.
        write: sends one message; the line break is up to it.
        stray: is told lines that are no message.
    """
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp.types import jsonrpc_message_adapter

    incoming, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, outgoing = anyio.create_memory_object_stream[SessionMessage](0)

    async def reading() -> None:
        async with incoming:
            while (line := await read()) is not None:
                try:
                    message = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
                except ValueError:
                    stray(line)
                    continue
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await incoming.send(message)

    async def writing() -> None:
        async with outgoing:
            async for item in outgoing:
                await write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode())

    async with anyio.create_task_group() as group:
        group.start_soon(reading)
        group.start_soon(writing)
        try:
            yield received, sent
        finally:
            group.cancel_scope.cancel()
            for stream in (received, sent, incoming, outgoing):
                await stream.aclose()


def _only(path: str, app: ASGIApp) -> ASGIApp:
    """What answers at one address, and nowhere else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if secrets.compare_digest(str(scope.get("path", "")).encode(), path.encode()):
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return answer
