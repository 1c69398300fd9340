"""A user's program on a memory bus: the true agent loop, the true program, no sandbox around it."""

from __future__ import annotations

import asyncio
import secrets
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from practicum.agents.boot import Boot, BusAccess, ProgramStart, ServiceAccess
from practicum.agents.build import build_agent, build_tools
from practicum.agents.inbox import BusInbox
from practicum.agents.journal import BusJournal
from practicum.agents.wakes import Wakes
from practicum.bus.address import events_filter, mailbox_filters, to_agent
from practicum.bus.event import Event, make_event
from practicum.bus.events import AgentFailed, AgentIdled, InputGiven, ModelAnswered
from practicum.bus.memory import MemoryBroker

LEASE = f"pracl_{secrets.token_urlsafe(32)}"
SEED = f"SU{secrets.token_hex(28).upper()}"


def service(name: str, url: str = "http://127.0.0.1:1") -> ServiceAccess:
    return ServiceAccess(
        id="lease-1", token=LEASE, url=f"{url}/{name}", git_url=f"{url}/git" if name == "github" else "", login="me",
        name="Me", email="me@example.com", expires=datetime.now(UTC),
    )  # fmt: skip


def boot_of(workspace: Path, program: str, *, services: tuple[str, ...] = (), **start: Any) -> Boot:
    """An agent `me` whose program is some Python, written beside its workspace."""
    file = workspace.parent / f"{workspace.name}-program.py"
    file.write_text(textwrap.dedent(program))
    workspace.mkdir(exist_ok=True)
    argv = (sys.executable, str(file), *start.pop("words", ()))
    return Boot(
        run="R", agent="me", role="general", team={"me": "general", "you": "lead"}, system="Be brief.",
        model="process/program.py", wakes_on=("message.posted",), tools=(),
        services={name: service(name) for name in services},
        bus=BusAccess(url="", jwt="a-token-of-the-bus", seed=SEED, stream="", consumer=""),
        workspace=str(workspace), program=ProgramStart(argv=argv, **{"protocol": "stdio", **start}),
    )  # fmt: skip


class Talk:
    """Gives an agent tasks, and waits until it has come to rest."""

    def __init__(self, broker: MemoryBroker, agent: Any, record: Any) -> None:
        self._launcher, self._record = broker.connect("R", "launcher"), record
        self.agent = agent
        self.events: list[Event] = []

    async def give(self, *texts: str) -> str:
        """The words of the answer; of its failure, when it failed."""
        ended = sum(isinstance(event.data, AgentIdled) for event in self.events)
        for text in texts:
            event = make_event(InputGiven(step=0, to="me", text=text), run="R", source="launcher")
            await self._launcher.publish(event, to_agent("me"))
        while True:
            if failed := self.of(AgentFailed):
                return str(failed[-1].error)
            if sum(isinstance(event.data, AgentIdled) for event in self.events) > ended:
                return str(self.of(ModelAnswered)[-1].text)
            self.events += [delivery.event() for delivery in await self._record.batch(100)]

    def of(self, kind: type) -> list[Any]:
        return [event.data for event in self.events if isinstance(event.data, kind)]


@asynccontextmanager
async def talk_with(boot: Boot) -> AsyncIterator[Talk]:
    """The agent at work."""
    broker = MemoryBroker()
    bus = broker.connect("R", "me")
    mailbox = await bus.subscribe(mailbox_filters("R", "me"), durable="mailbox-me")
    journal = BusJournal(bus)
    agent = build_agent(
        boot,
        inbox=BusInbox(mailbox, Wakes.parse("me", boot.wakes_on)),
        journal=journal,
        tools=build_tools(boot, journal, _nobody),
    )
    record = await broker.connect("R", "observer").subscribe([events_filter("R")])
    async with asyncio.TaskGroup() as group:
        working = group.create_task(agent.run())
        try:
            async with asyncio.timeout(50):
                yield Talk(broker, agent, record)
        finally:
            await agent.model.close()
            working.cancel()


async def _nobody(service: str, verb: str, body: bytes, timeout: float) -> bytes:
    raise AssertionError("nobody is asked here")
