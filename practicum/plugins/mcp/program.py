"""An MCP server's program inside a sandbox, as the streams of messages that the SDK's client takes."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from practicum.api.sandbox import SandboxProvider, SandboxSpec
from practicum.sandbox.detect import pick

if TYPE_CHECKING:
    from practicum.plugins.mcp.mount import Command

_LINE_BYTES = 16 * 1024 * 1024
_START = """
import os, sys
number = int(sys.argv[1])
os.dup2(number, 0)
os.dup2(number, 1)
os.close(number)
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""Puts the inherited socket in the place of input and output. A shell's redirections take one digit only."""


@asynccontextmanager
async def program(command: Command, sandboxes: SandboxProvider | None) -> AsyncIterator[Any]:
    """Start it; an async context manager that the SDK enters for its two streams. At the end nothing of it is left.

    Raises:
        SandboxError: it cannot be started.
    """
    provider = sandboxes or await pick()
    spec = SandboxSpec(mounts=command.mounts, cwd=command.cwd, env=command.env, limits=command.limits)
    sandbox = await provider.open(spec)
    try:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            process = await sandbox.start(
                [sys.executable, "-c", _START, str(theirs.fileno()), *command.argv], pass_fds=[theirs.fileno()]
            )
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LINE_BYTES)
        try:
            yield _streams(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            await process.kill()
    finally:
        await sandbox.close()


@asynccontextmanager
async def _streams(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[Any]:
    import anyio
    from mcp.shared.message import SessionMessage
    from mcp.types import jsonrpc_message_adapter

    incoming, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, outgoing = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with incoming:
            with suppress(ConnectionError, ValueError):  # gone, or a line without an end
                while line := await reader.readline():
                    try:
                        message = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
                    except ValueError:
                        continue  # it prints, which does not belong here
                    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                        await incoming.send(message)

    async def write() -> None:
        async with outgoing:
            with suppress(ConnectionError):
                async for item in outgoing:
                    writer.write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                    await writer.drain()

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        group.start_soon(write)
        try:
            yield received, sent
        finally:
            group.cancel_scope.cancel()
            for stream in (received, sent, incoming, outgoing):
                await stream.aclose()
