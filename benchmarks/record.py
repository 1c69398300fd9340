"""The observer's whole way from the in-process bus to the disk: check, lease-token filter, chain, write, fdatasync."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.measure import alternate, report
from practicum.bus.address import RECORD
from practicum.bus.event import make_event
from practicum.bus.events import MessagePosted
from practicum.bus.memory import MemoryBroker
from practicum.ids import new_lease_token
from practicum.trajectory.observer import Observer
from practicum.trajectory.writer import TrajectoryWriter

RUN, EVENTS, PASSES = "BENCH", 20_000, 5
TOKEN_EVERY = 100


async def one_pass() -> float:
    """Events a second; one in a hundred carries a lease token that the filter must take out."""
    broker = MemoryBroker()
    agent = broker.connect(RUN, "agent-a")
    token = new_lease_token()
    for number in range(EVENTS):
        text = f"{token} {'x' * 200}" if number % TOKEN_EVERY == 0 else "x" * 256
        await agent.publish(make_event(MessagePosted(text=text, to="all.all"), run=RUN, source="agent-a"), RECORD)
    with tempfile.TemporaryDirectory() as folder:
        writer = TrajectoryWriter(Path(folder) / "run", RUN)
        observer = Observer(broker.connect(RUN, "observer"), writer)
        begin = time.perf_counter()
        recording = asyncio.ensure_future(observer.run())
        await observer.reached(EVENTS)
        figure = EVENTS / (time.perf_counter() - begin)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        writer.close()
        content = (Path(folder) / "run" / "trajectory.jsonl").read_bytes()
        if content.count(b"\n") != EVENTS or token.encode() in content:
            raise RuntimeError("the record is not what it should be")
    return figure


async def main() -> None:
    results = await alternate({"ours": one_pass}, PASSES)
    report("record", unit="events a second", **results["ours"].rounded(0), wanted=50_000)
