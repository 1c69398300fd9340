"""The world process: `python -m practicum.world.process --fd N`.

On the inherited socket, one JSON object a line: first the launcher's boot (`practicum.world.boot.Boot`), then our
`{"url": ...}`, or `{"error": {...}}` and the end. After that the launcher asks `{"id", "method", "params"}` and is
answered `{"id", "result"}` or `{"id", "error"}`. Methods: `say`, `inspect`, `ledger`, `identity` (a renewed bus
identity), `close`. When the launcher's end closes, everything here ends at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Json
from practicum.bus.nats import connect_nats
from practicum.bus.protocol import Bus
from practicum.clock import WallClock
from practicum.errors import PracticumError, UsageError
from practicum.sandbox.detect import pick, select
from practicum.world.boot import Boot, BusBoot, BusIdentity, read_boot
from practicum.world.identities import Identities
from practicum.world.journal import Journal, Publisher
from practicum.world.server import World, WorldSettings
from practicum.world.service import Emit

MAX_LINE = 64 * 1024 * 1024
GRACE_S = 3.0
"""Seconds that an orderly end may take; then the process ends anyway, and its sandboxes with it."""


def main() -> None:
    """Entry point; exits 0 after `close` or the launcher's end, 1 when something failed."""
    parser = argparse.ArgumentParser(prog="practicum.world.process", description="The simulated services of a run.")
    parser.add_argument("--fd", type=int, required=True, help="inherited AF_UNIX socket")
    channel = socket.socket(fileno=parser.parse_args().fd)
    channel.set_inheritable(False)
    os.umask(0o022)  # what jobs and applications are given is read by another account; the run's folder stays closed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the launcher, whose end reaches us
    sys.exit(asyncio.run(_run(channel)))


async def _run(channel: socket.socket) -> int:
    reader, writer = await asyncio.open_connection(sock=channel, limit=MAX_LINE)
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    code = 0
    try:
        boot = read_boot(await reader.readline())
        async with _world(boot) as (world, identities):
            await _send(writer, {"url": world.url})
            await _serve(world, identities, reader, writer)
    except asyncio.CancelledError:
        pass
    except BaseException as error:  # the process's outermost edge: said on the socket and on stderr, then exit 1
        code = 1
        reason = _root(error)
        print(f"world: died: {type(reason).__name__}: {reason}", file=sys.stderr, flush=True)
        if not isinstance(reason, PracticumError):
            traceback.print_exception(reason)
        await _send(writer, {"error": _failure(reason)})
    finally:
        _end_soon(code)
    return code


@asynccontextmanager
async def _world(boot: Boot) -> AsyncIterator[tuple[World, Identities]]:
    directory, clock = Path(boot.directory), WallClock()
    directory.mkdir(parents=True, exist_ok=True)
    identities = Identities()
    async with AsyncExitStack() as stack:
        emit: Emit
        if boot.bus is None:
            journal = Journal(directory / "events.jsonl", run=boot.run, clock=clock)
            stack.callback(journal.close)
            emit = journal.emit
        else:
            buses = await _connect(boot, boot.bus, identities, stack)
            emit = Publisher(buses, run=boot.run, clock=clock, provenance=boot.provenance).emit
        settings = WorldSettings(
            run=boot.run,
            directory=directory,
            services=boot.services,
            credentials=tuple(boot.credentials),
            sandboxes=await _sandboxes(boot.sandbox),
            emit=emit,
            clock=clock,
            port=boot.port,
        )
        world = await stack.enter_async_context(World.open(settings))
        # First on the way out: from here on nothing may take longer than the grace.
        stack.callback(_end_soon, 1)
        yield world, identities


async def _connect(boot: Boot, bus: BusBoot, identities: Identities, stack: AsyncExitStack) -> dict[str, Bus]:
    """One connection for each service, since the broker lets an identity write as itself only."""
    buses: dict[str, Bus] = {}
    for service in boot.services:
        source = f"world-{service}"
        identity = bus.identities.get(source)
        if identity is None and bus.identities:
            raise UsageError(f"the boot has no bus identity for {source}")
        connection = await connect_nats(
            bus.url,
            run=boot.run,
            source=source,
            jwt=identity.jwt if identity else "",
            seed=identity.seed if identity else "",
            renew=identities.renewer(source) if identity else None,
            stream=bus.stream,
        )
        stack.push_async_callback(connection.close)
        buses[source] = connection
    return buses


async def _sandboxes(name: str) -> SandboxProvider:
    return await (pick() if name == "auto" else select(name))


async def _serve(
    world: World, identities: Identities, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the launcher until it says `close` or is gone."""
    while line := await reader.readline():
        request: dict[str, Json] = json.loads(line)
        number, method = request.get("id"), str(request.get("method"))
        params = request.get("params")
        try:
            result = await _answer(world, identities, method, params if isinstance(params, dict) else {})
        except PracticumError as error:
            await _send(writer, {"id": number, "error": _failure(error)})
            continue
        await _send(writer, {"id": number, "result": result})
        if method == "close":
            return


async def _answer(world: World, identities: Identities, method: str, params: Mapping[str, Json]) -> Json:
    match method:
        case "say":
            words = [_text(params, key) for key in ("service", "channel", "user", "text")]
            return await world.say(*words)
        case "inspect":
            return world.inspect(_text(params, "service") if "service" in params else "")
        case "ledger":
            return {"entries": list(world.ledger.entries())}
        case "identity":
            identities.put(_text(params, "source"), BusIdentity(jwt=_text(params, "jwt"), seed=_text(params, "seed")))
            return {}
        case "close":
            return {}
        case _:
            raise UsageError(f"the world has no method {method!r}")


def _text(params: Mapping[str, Json], key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str):
        raise UsageError(f"{key} must be a text")
    return value


async def _send(writer: asyncio.StreamWriter, message: dict[str, Json]) -> None:
    try:
        writer.write(json.dumps(message).encode() + b"\n")
        await writer.drain()
    except OSError:
        return  # nobody is there to read it; the closed socket ends us anyway


def _root(error: BaseException) -> BaseException:
    """The first failure inside nested groups: what a task group of one failing task stands for."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _failure(error: BaseException) -> dict[str, Json]:
    if isinstance(error, PracticumError):
        kind, message, hint, code = type(error).__name__, error.message, error.hint, int(error.exit_code)
    else:
        kind, message, hint, code = type(error).__name__, str(error), "", 3
    return {"kind": kind, "message": message, "hint": hint, "exit_code": code}


def _end_soon(code: int) -> None:
    """End the process after the grace, even if a thread or a service hangs."""
    timer = threading.Timer(GRACE_S, os._exit, [code])
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
