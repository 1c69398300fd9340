"""An MCP server's program inside a sandbox, as the streams of messages that the SDK's client takes."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from practicum.api.sandbox import SandboxProvider, SandboxSpec
from practicum.mcp_edge import line_streams
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
            yield line_streams(partial(_read, reader), partial(_write, writer))
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            await process.kill()
    finally:
        await sandbox.close()


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await reader.readline() or None
    except (ConnectionError, ValueError):
        return None  # gone, or a line without an end


async def _write(writer: asyncio.StreamWriter, message: bytes) -> None:
    with suppress(ConnectionError):  # gone: its reader's end says so
        writer.write(message + b"\n")
        await writer.drain()
