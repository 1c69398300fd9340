"""A to B to A inside one process, beside autogen-core's `send_message` (a request and its answer) where installed."""

from __future__ import annotations

import asyncio
import time

from benchmarks.measure import Pass, alternate, installed, ratio, report
from practicum.bus.address import mailbox_filters, to_agent
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.bus.memory import MemoryBroker

RUN, ROUNDS, PASSES = "BENCH", 5000, 7
PAYLOAD = "x" * 256


async def ours() -> float:
    broker = MemoryBroker()
    a, b = broker.connect(RUN, "agent-a"), broker.connect(RUN, "agent-b")
    to_a, to_b = to_agent("agent-a"), to_agent("agent-b")
    mail_a = await a.subscribe(mailbox_filters(RUN, "agent-a"), durable="mailbox-agent-a")
    mail_b = await b.subscribe(mailbox_filters(RUN, "agent-b"), durable="mailbox-agent-b")

    async def answer() -> None:
        async for delivery in mail_b:
            event = delivery.event()
            await delivery.ack()
            back = MessagePosted(text=PAYLOAD, to=to_a.token)
            await b.publish(make_event(back, run=RUN, source="agent-b", cause=event.id), to_a)

    async with asyncio.TaskGroup() as group:
        group.create_task(answer())
        deliveries = aiter(mail_a)
        begin = time.perf_counter()
        for _ in range(ROUNDS):
            await a.publish(make_event(MessagePosted(text=PAYLOAD, to=to_b.token), run=RUN, source="agent-a"), to_b)
            delivery = await anext(deliveries)
            delivery.event()
            await delivery.ack()
        figure = ROUNDS / (time.perf_counter() - begin)
        await b.close()
    await a.close()
    return figure


async def autogen() -> float:
    from benchmarks.memory_autogen import round_trips

    return await round_trips(ROUNDS, PAYLOAD)


async def main() -> None:
    contestants: dict[str, Pass] = {"ours": ours}
    if installed("autogen_core"):
        contestants["autogen_core"] = autogen
    results = await alternate(contestants, PASSES)
    against = results.get("autogen_core")
    report(
        "memory",
        unit="round trips a second",
        **{name: series.rounded(0) for name, series in results.items()},
        ratio=ratio(results["ours"], against) if against else None,
        wanted=3.0,
    )
