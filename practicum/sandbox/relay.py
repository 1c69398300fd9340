"""Reaching a server inside a sandbox that has no network: a relay from a unix socket to the server's port.

`python -m practicum.sandbox.relay --listen SOCKET --port N -- ARGV` runs inside, next to the server: it starts ARGV,
listens on SOCKET (in a folder that the host sees too) and joins each connection with 127.0.0.1:N, which inside is the
sandbox's own. It ends with ARGV, with its exit code.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path


def relay(listen: str, port: int, argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` with a relay beside it."""
    return [sys.executable, "-P", "-m", "practicum.sandbox.relay", "--listen", listen, "--port", str(port), "--", *argv]


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner: asyncio.StreamReader, out: asyncio.StreamWriter
) -> None:
    """Copy both ways until both ends are done, then close both."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_copy(reader, out))
            group.create_task(_copy(inner, writer))
    finally:
        for one in (writer, out):
            one.close()


async def _serve(listen: Path, port: int, argv: Sequence[str]) -> int:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner, out = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()  # the server does not listen yet, or no more
            return
        await join(reader, writer, inner, out)

    listen.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(accept, str(listen))
    # The host's user is another one than ours, where we run as an unprivileged one; the folder keeps strangers out.
    listen.chmod(0o666)
    process = await asyncio.create_subprocess_exec(*argv)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, process.terminate)
    async with server:
        code = await process.wait()
    return 128 - code if code < 0 else code


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="practicum.sandbox.relay")
    parser.add_argument("--listen", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("argv", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    sys.exit(asyncio.run(_serve(given.listen, given.port, given.argv[1:])))


if __name__ == "__main__":
    main()
