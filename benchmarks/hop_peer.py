"""The other processes of `hop`: who answers, and the observer. They end when their standard input does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable
from pathlib import Path

import nats

from practicum.bus.address import to_agent
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.bus.nats import connect_nats, mailbox_name
from practicum.trajectory.observer import Observer
from practicum.trajectory.writer import TrajectoryWriter

Address = dict[str, str]


async def ours(told: Address) -> None:
    bus = await connect_nats(**told)  # type: ignore[arg-type]
    subscription = await bus.subscribe((), durable=mailbox_name(bus.source))
    ready()
    async for delivery in subscription:
        event = delivery.event()
        back = to_agent(event.source)
        data = event.data
        assert isinstance(data, MessagePosted)
        answer = MessagePosted(text=data.text, to=back.token)
        await bus.publish(make_event(answer, run=bus.run, source=bus.source, cause=event.id), back)
        await delivery.ack()


async def bare(told: Address) -> None:
    client = await nats.connect(told["url"])
    stream = client.jetstream()
    subscription = await client.subscribe("deliver.b")
    await client.flush()
    ready()
    async for message in subscription.messages:
        await stream.publish("bare.a", message.data, headers={"Nats-Msg-Id": os.urandom(16).hex()})
        await message.ack()


async def observer(told: Address) -> None:
    folder = Path(told.pop("folder"))
    bus = await connect_nats(**told)  # type: ignore[arg-type]
    ready()
    await Observer(bus, TrajectoryWriter(folder, bus.run)).run()


def ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def main() -> None:
    roles = {"ours": ours, "bare": bare, "observer": observer}
    told = json.loads(sys.stdin.readline())
    work: Awaitable[None] = roles[sys.argv[1]](told)
    working = asyncio.ensure_future(work)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait((working, ended), return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
