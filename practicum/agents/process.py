"""An agent's own process: `python -m practicum.agents.process --fd N`.

The first line on the inherited socket is the `Boot`; when the socket closes, the launcher is gone and so are we.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import sys

import structlog
from pydantic_core import from_json, to_json

from practicum.agents.boot import Boot
from practicum.agents.build import build_agent, build_tools
from practicum.agents.inbox import BusInbox
from practicum.agents.journal import BusJournal
from practicum.agents.wakes import Wakes
from practicum.bus.nats import NatsBus, connect_nats
from practicum.errors import PracticumError

_RENEW_S = 10.0
_BOOT_LIMIT = 16 * 1024 * 1024
"""Bytes of the boot line; asyncio's own limit of 64 KiB is less than a long system prompt."""

_log = structlog.get_logger()


async def serve(boot: Boot) -> None:
    """Connect, join, and work until the mailbox closes."""

    async def renew() -> tuple[str, str]:
        answer = from_json(await bus.ask("proctor", "renew", b"{}", timeout=_RENEW_S))
        if "error" in answer:
            raise PracticumError(str(answer["error"]))
        return str(answer["jwt"]), str(answer["seed"])

    bus: NatsBus = await connect_nats(
        boot.bus.url,
        run=boot.run,
        source=boot.agent,
        jwt=boot.bus.jwt,
        seed=boot.bus.seed,
        renew=renew,
        stream=boot.bus.stream,
    )
    try:
        await _work(boot, bus)
    finally:
        await bus.close()


async def _work(boot: Boot, bus: NatsBus) -> None:
    async def ask(service: str, verb: str, body: bytes, timeout: float) -> bytes:
        return await bus.ask(service, verb, body, timeout=timeout)

    journal = BusJournal(bus)
    mailbox = await bus.subscribe((), durable=boot.bus.consumer)
    agent = build_agent(
        boot,
        inbox=BusInbox(mailbox, Wakes.parse(boot.agent, boot.wakes_on)),
        journal=journal,
        tools=build_tools(boot, journal, ask),
    )
    try:
        await agent.run()
        await bus.flush()
        # A failed or finished agent stays: the launcher decides when the run is over.
        await asyncio.get_running_loop().create_future()
    finally:
        await agent.model.close()


async def _main(fd: int) -> int:
    connection = socket.socket(fileno=fd)
    reader, writer = await asyncio.open_connection(sock=connection, limit=_BOOT_LIMIT)
    first = await reader.readline()
    if not first:
        return 0
    boot = Boot.model_validate_json(first)
    os.chdir(boot.workspace)
    if boot.program is not None:
        from practicum.agents.outside.hiding import keep_to_ourselves

        keep_to_ourselves()
    work = asyncio.create_task(serve(boot))
    gone = asyncio.create_task(reader.read())
    await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        return 0
    gone.cancel()
    error = work.exception()
    if error is None:
        return 0
    _log.error("agent ended", agent=boot.agent, error=str(error), exc_info=error)
    with contextlib.suppress(ConnectionError):
        writer.write(to_json({"error": {"kind": type(error).__name__, "message": str(error)}}) + b"\n")
        await writer.drain()
    return 1


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="practicum.agents.process")
    parser.add_argument("--fd", type=int, required=True)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sys.exit(asyncio.run(_main(parser.parse_args().fd)))


if __name__ == "__main__":
    main()
