"""A real proctor process with a real bus, driven over its control socket as the launcher does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from practicum.bus.event import Event
from practicum.bus.nats import NatsBus, connect_nats, create_mailbox, create_stream, mailbox_name, stream_name
from practicum.bus.server import EmbeddedServer

RUN = "r1"

DEVELOPER = {
    "role": "developer",
    "can": {
        "github": {
            "repos": ["{{ world.github.repo }}"],
            "permissions": {"contents": "write", "pull_requests": "write", "issues": "read"},
        },
        "slack": {"channels": ["dev"], "actions": ["read", "post"]},
    },
    "cannot": {"github": {"merge": True}},
}
LEAD = {
    "role": "lead",
    "can": {"github": {"repos": ["acme/shortlink"], "permissions": {"contents": "write", "pull_requests": "write"}}},
}


class ProctorError(Exception):
    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['kind']}: {error['message']}\n{error['hint']}")
        self.kind, self.message, self.hint = error["kind"], error["message"], error["hint"]


class Proctor:
    """The launcher's side. Everything that came over the socket is kept in `traffic`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: Path,
    ) -> None:
        self.process, self._reader, self._writer, self._log = process, reader, writer, log
        self._ids = itertools.count(1)
        self.traffic = b""

    async def ask(self, method: str, **params: Any) -> Any:
        self._writer.write(json.dumps({"id": next(self._ids), "method": method, "params": params}).encode() + b"\n")
        line = await asyncio.wait_for(self._reader.readline(), 40)
        assert line, f"the proctor is gone:\n{self.log}"
        self.traffic += line
        answer = json.loads(line)
        if "error" in answer:
            raise ProctorError(answer["error"])
        return answer["result"]

    @property
    def log(self) -> str:
        return self._log.read_text()

    async def hang_up(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 20)


@dataclass
class Run:
    """A proctor that is open and connected, with everything that was published."""

    proctor: Proctor
    server: EmbeddedServer
    launcher: NatsBus
    opened: dict[str, Any]
    gateway: str
    events: list[Event] = field(default_factory=list)

    async def until(self, type_: str, count: int = 1) -> list[Event]:
        async with asyncio.timeout(30):
            subscription = await self.launcher.subscribe([f"practicum.{RUN}.from.*.to.>"])
            found: list[Event] = []
            async for delivery in subscription:
                event = delivery.event()
                if event.type == type_:
                    found.append(event)
                if len(found) == count:
                    break
            await subscription.close()
            return found

    async def agent(self, name: str) -> NatsBus:
        made = await self.proctor.ask(
            "identity", source=name, kind="agent", stream=stream_name(RUN), consumer=mailbox_name(name)
        )
        return await connect_nats(self.server.url, run=RUN, source=name, jwt=made["jwt"], seed=made["seed"])


StartProctor = Callable[..., Awaitable[Proctor]]
StartRun = Callable[..., Awaitable[Run]]


@pytest.fixture
async def start_proctor(tmp_path: Path) -> AsyncIterator[StartProctor]:
    started: list[Proctor] = []

    async def start(**environment: str) -> Proctor:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        log = tmp_path / f"proctor-{len(started)}.log"
        with log.open("wb") as file, theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "practicum.proctor.process", "--fd", str(theirs.fileno()),
                pass_fds=[theirs.fileno()], stderr=file,
                env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment},
            )  # fmt: skip
        proctor = Proctor(process, *await asyncio.open_connection(sock=ours, limit=2**24), log)
        started.append(proctor)
        return proctor

    yield start
    for proctor in started:
        await proctor.hang_up()
        await proctor.ended()


def setup(**changes: Any) -> dict[str, Any]:
    """Parameters of `open` for a team of a developer and a lead with everything simulated."""
    return {
        "run": RUN,
        "vault": "",
        "services": {"github": {"mode": "simulated"}, "slack": {"mode": "simulated"}},
        "agents": [
            {"name": "dev-1", "role": "developer", "charter": DEVELOPER, "model": "script/developer"},
            {"name": "lead", "role": "lead", "charter": LEAD, "model": "script/lead"},
        ],
        "grantable": {"github": ["acme/shortlink"], "slack": ["dev", "standup"]},
        **changes,
    }


@pytest.fixture
async def start_run(start_proctor: StartProctor, tmp_path: Path) -> AsyncIterator[StartRun]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(environment: dict[str, str] | None = None, **changes: Any) -> Run:
            proctor = await start_proctor(**(environment or {}))
            opened = await proctor.ask("open", **setup(**changes))
            server = EmbeddedServer(tmp_path / "bus", config=opened["server_config"])
            await server.start()
            stack.push_async_callback(server.stop)
            made = await proctor.ask("identity", source="launcher", kind="launcher", stream=stream_name(RUN))
            launcher = await connect_nats(server.url, run=RUN, source="launcher", jwt=made["jwt"], seed=made["seed"])
            stack.push_async_callback(launcher.close)
            await create_stream(launcher)
            for agent in ("dev-1", "lead"):
                await create_mailbox(launcher, agent, [f"practicum.{RUN}.from.*.to.agent.{agent}.>"])
            gateway = (await proctor.ask("connect", url=server.url))["gateway"]
            return Run(proctor, server, launcher, opened, gateway)

        yield start
