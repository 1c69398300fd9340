"""One tool-calling turn (model, tool, model) with a model that answers at once.

Ours runs the whole loop: woken by an event on the bus, seven events a turn, all of them recorded to disk with chain and
fdatasync before the figure counts. The peer, Microsoft Agent Framework, runs its own loop and records nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import cast

from benchmarks.measure import Pass, alternate, installed, ratio, report
from practicum.agents.context import ToolContext
from practicum.agents.inbox import BusInbox
from practicum.agents.journal import BusJournal
from practicum.agents.loop import Agent, AgentLimits
from practicum.agents.render import render_event
from practicum.agents.toolbox import Toolbox
from practicum.api.model import ModelRequest, ModelTurn, ToolMessage, ToolRequest
from practicum.api.tool import tool
from practicum.bus.address import mailbox_filters, to_agent
from practicum.bus.event import Event, make_event
from practicum.bus.events import MessagePosted
from practicum.bus.identity import BusKeys, SourceKind
from practicum.bus.memory import MemoryBroker
from practicum.bus.nats import connect_nats, create_mailbox, create_stream, mailbox_name, stream_name
from practicum.bus.protocol import Bus
from practicum.bus.server import EmbeddedServer
from practicum.trajectory.observer import Observer
from practicum.trajectory.writer import TrajectoryWriter

RUN, AGENT, TURNS, PASSES = "BENCH", "agent-a", 400, 9


@tool(effect="read")
async def add(context: ToolContext, a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Scripted:
    """Asks for one call, then answers."""

    name = "script/adds"

    def __init__(self) -> None:
        self._calls = 0

    async def respond(self, request: ModelRequest) -> ModelTurn:
        if isinstance(request.messages[-1], ToolMessage):
            return ModelTurn("the sum is known")
        self._calls += 1
        return ModelTurn("", (ToolRequest(f"call-{self._calls}", "add", {"a": self._calls, "b": 2}),), stop="tools")

    async def close(self) -> None:
        return


async def nobody(service: str, verb: str, body: bytes, timeout: float) -> bytes:
    raise AssertionError("nothing is asked here")


async def run_turns(agent_bus: Bus, launcher: Bus, observer_bus: Bus, folder: Path) -> float:
    """Milliseconds a turn, over `TURNS` turns one after the other, until the last event is on disk."""
    writer = TrajectoryWriter(folder / "run", RUN)
    observer = Observer(observer_bus, writer)
    recording = asyncio.ensure_future(observer.run())
    journal = BusJournal(agent_bus)
    team = {AGENT: "developer"}
    context = ToolContext(AGENT, "developer", RUN, team, folder, {}, journal, nobody)
    mailbox = await agent_bus.subscribe((), durable=mailbox_name(AGENT))
    agent = Agent(
        name=AGENT,
        role="developer",
        system="You add.",
        model=Scripted(),
        tools=Toolbox([add], context),
        inbox=BusInbox(mailbox, wakes),
        journal=journal,
        render=render_event,
        limits=AgentLimits(turns=TURNS + 1, requests=2 * TURNS + 1),
    )
    idle = await launcher.subscribe([f"practicum.{RUN}.from.{AGENT}.to.*.*.agent.idled"])
    working = asyncio.ensure_future(agent.run())
    there = to_agent(AGENT)
    sequence = 0
    begin = time.perf_counter()
    for _ in range(TURNS):
        message = MessagePosted(text="add, please", to=there.token)
        await launcher.publish(make_event(message, run=RUN, source="launcher"), there)
        [delivery] = await idle.batch(1)
        sequence = delivery.sequence
    await observer.reached(sequence)
    figure = (time.perf_counter() - begin) / TURNS * 1000
    for task in (working, recording):
        task.cancel()
    await asyncio.gather(working, recording, return_exceptions=True)
    writer.close()
    return figure


def wakes(event: Event) -> bool:
    return event.type == "message.posted"


async def over_memory() -> float:
    broker = MemoryBroker()
    launcher = broker.connect(RUN, "launcher")
    mailbox = await launcher.subscribe(mailbox_filters(RUN, AGENT), durable=mailbox_name(AGENT))
    await mailbox.close()
    with tempfile.TemporaryDirectory() as folder:
        return await run_turns(broker.connect(RUN, AGENT), launcher, broker.connect(RUN, "observer"), Path(folder))


async def over_nats() -> float:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        keys = BusKeys(RUN, [AGENT])
        server = EmbeddedServer(folder / "bus", config=keys.server_config())
        await server.start()
        stack.push_async_callback(server.stop)

        async def connect(source: str, kind: SourceKind) -> Bus:
            consumer = mailbox_name(source) if kind == "agent" else ""
            jwt, seed = keys.mint(source, kind, RUN, timedelta(hours=1), stream_name(RUN), consumer)
            bus = await connect_nats(server.url, run=RUN, source=source, jwt=jwt, seed=seed)
            stack.push_async_callback(bus.close)
            if kind == "launcher":
                await create_stream(bus)
                await create_mailbox(bus, AGENT, mailbox_filters(RUN, AGENT))
            return cast(Bus, bus)

        launcher = await connect("launcher", "launcher")
        return await run_turns(await connect(AGENT, "agent"), launcher, await connect("observer", "observer"), folder)


async def agent_framework() -> float:
    from benchmarks.turn_agent_framework import turns

    return await turns(TURNS)


async def main() -> None:
    contestants: dict[str, Pass] = {"memory_recorded": over_memory, "nats_recorded": over_nats}
    if installed("agent_framework"):
        contestants["agent_framework"] = agent_framework
    results = await alternate(contestants, PASSES)
    against = results.get("agent_framework")
    report(
        "turn",
        unit="ms a turn",
        **{name: series.rounded(3) for name, series in results.items()},
        ratio=ratio(results["memory_recorded"], against) if against else None,
        wanted="at most 1",
    )
