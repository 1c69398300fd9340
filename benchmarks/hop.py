"""A to B to A over NATS with a file store, in two processes: ours, ours while an observer records, and bare nats-py.

All acknowledge the same: each publish waits until the server has stored it, each delivery is acknowledged explicitly.
Ours connects with an agent's identity (its own account, its own mailbox); the bare client with none, over the push
consumers that are its fastest way to read.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import nats
from nats.js.api import AckPolicy, ConsumerConfig

from benchmarks.measure import alternate, ratio, report
from practicum.bus.address import mailbox_filters, to_agent
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.bus.identity import BusKeys, SourceKind
from practicum.bus.nats import NatsBus, connect_nats, create_mailbox, create_stream, mailbox_name, stream_name
from practicum.bus.server import EmbeddedServer

RUN, A, B = "BENCH", "agent-a", "agent-b"
PAYLOAD = "x" * 256
ROUNDS, WARM_UP, PASSES = 500, 100, 7

Address = dict[str, str]
"""The arguments of `connect_nats`, as JSON can carry them to another process."""


async def main() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = await Ours.start(folder / "ours", stack, observed=False)
        watched = await Ours.start(folder / "watched", stack, observed=True)
        bare = await Bare.start(folder / "bare", stack)
        contestants = {"ours": ours.one_pass, "recorded": watched.one_pass, "bare": bare.one_pass}
        results = await alternate(contestants, PASSES)
    report(
        "hop",
        unit="round trips a second",
        **{name: series.rounded(0) for name, series in results.items()},
        ratio=ratio(results["ours"], results["bare"]),
        wanted=0.8,
        ratio_recorded=ratio(results["recorded"], results["bare"]),
        wanted_recorded=0.6,
    )


async def companion(role: str, told: Address, stack: AsyncExitStack) -> None:
    """Start another process of this benchmark; what it needs, seeds among it, goes through its standard input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.hop_peer", role, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None

    async def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()

    stack.push_async_callback(end)
    process.stdin.write(json.dumps(told).encode() + b"\n")
    await process.stdout.readline()


class Ours:
    """Two agents on an embedded server."""

    def __init__(self, bus: NatsBus) -> None:
        self._bus = bus

    @classmethod
    async def start(cls, folder: Path, stack: AsyncExitStack, *, observed: bool) -> Ours:
        keys = BusKeys(RUN, [A, B])
        server = EmbeddedServer(folder, config=keys.server_config())
        await server.start()
        stack.push_async_callback(server.stop)

        def identity(source: str, kind: SourceKind) -> Address:
            consumer = mailbox_name(source) if kind == "agent" else ""
            jwt, seed = keys.mint(source, kind, RUN, timedelta(hours=1), stream_name(RUN), consumer)
            return {"url": server.url, "run": RUN, "source": source, "jwt": jwt, "seed": seed}

        launcher = await connect_nats(**identity("launcher", "launcher"))  # type: ignore[arg-type]
        await create_stream(launcher)
        for agent in (A, B):
            await create_mailbox(launcher, agent, mailbox_filters(RUN, agent))
        await launcher.close()
        await companion("ours", identity(B, "agent"), stack)
        if observed:
            await companion("observer", {**identity("observer", "observer"), "folder": str(folder / "run")}, stack)
        bus = await connect_nats(**identity(A, "agent"))  # type: ignore[arg-type]
        stack.push_async_callback(bus.close)
        return cls(bus)

    async def one_pass(self) -> float:
        bus, there = self._bus, to_agent(B)
        subscription = await bus.subscribe((), durable=mailbox_name(A))
        deliveries = aiter(subscription)
        begin = 0.0
        for number in range(-WARM_UP, ROUNDS):
            if number == 0:
                begin = time.perf_counter()
            await bus.publish(make_event(MessagePosted(text=PAYLOAD, to=there.token), run=RUN, source=A), there)
            delivery = await anext(deliveries)
            delivery.event()
            await delivery.ack()
        figure = ROUNDS / (time.perf_counter() - begin)
        await subscription.close()
        return figure


class Bare:
    """The same with nats-py alone, the payload as it is."""

    def __init__(self, url: str) -> None:
        self._url = url

    @classmethod
    async def start(cls, folder: Path, stack: AsyncExitStack) -> Bare:
        server = EmbeddedServer(folder)
        await server.start()
        stack.push_async_callback(server.stop)
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="bare", subjects=["bare.>"])
        for name in ("a", "b"):
            await stream.add_consumer(
                "bare",
                ConsumerConfig(
                    durable_name=name,
                    filter_subject=f"bare.{name}",
                    ack_policy=AckPolicy.EXPLICIT,
                    deliver_subject=f"deliver.{name}",
                    max_ack_pending=1024,
                ),
            )
        await client.close()
        await companion("bare", {"url": server.url}, stack)
        return cls(server.url)

    async def one_pass(self) -> float:
        client = await nats.connect(self._url)
        stream = client.jetstream()
        subscription = await client.subscribe("deliver.a")
        messages = aiter(subscription.messages)
        payload = PAYLOAD.encode()
        begin = 0.0
        for number in range(-WARM_UP, ROUNDS):
            if number == 0:
                begin = time.perf_counter()
            await stream.publish("bare.b", payload, headers={"Nats-Msg-Id": os.urandom(16).hex()})
            message = await anext(messages)
            await message.ack()
        figure = ROUNDS / (time.perf_counter() - begin)
        await client.close()
        return figure
