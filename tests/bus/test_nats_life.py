"""A connection's life: servers that die, identities that expire."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conformance import RUN, message, take, text_of
from nats_team import NatsTeam

from practicum.bus.address import EVERYONE, events_filter, to_agent
from practicum.bus.nats import NatsBus, connect_nats
from practicum.errors import BusClosedError, BusError

pytestmark = pytest.mark.broker


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[NatsTeam]:
    team = NatsTeam(tmp_path)
    await team.start()
    yield team
    await team.stop()


async def kill(pid: int) -> None:
    """Send SIGKILL, and return when the process is gone."""
    descriptor = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    await gone.wait()
    loop.remove_reader(descriptor)
    os.close(descriptor)


async def post_all(bus: NatsBus, count: int, pauses: bool = True) -> None:
    for number in range(count):
        await bus.post(message(bus.source, str(number)), to_agent("dev-1"))
        if pauses and number % 50 == 0:
            await asyncio.sleep(0.002)
    await bus.flush()


async def test_a_killed_server_costs_neither_events_nor_their_order(team: NatsTeam) -> None:
    launcher, pm = await team.connect("launcher"), await team.connect("pm")
    log = await launcher.subscribe([events_filter(RUN)])
    agent = await team.connect("dev-1")
    mailbox = await agent.subscribe((), durable="mailbox-dev-1")
    seen: dict[str, str] = {}

    async def read_mail() -> None:
        while len(seen) < 4000:
            for delivery in await mailbox.batch(100):
                seen.setdefault(delivery.event().id, text_of(delivery))
                await delivery.ack()

    async def kill_twice() -> None:
        for _ in range(2):
            await asyncio.sleep(0.05)
            await kill(team.server.pid)
            await team.server.restart()

    async with asyncio.timeout(55), asyncio.TaskGroup() as group:
        group.create_task(post_all(launcher, 2000))
        group.create_task(post_all(pm, 2000))
        group.create_task(kill_twice())
        stored = await take(log, 4000)
        for source in ("launcher", "pm"):
            texts = [text_of(one) for one in stored if one.event().source == source]
            assert texts == [str(number) for number in range(2000)]
        assert [one.sequence for one in stored] == list(range(1, 4001))
        # What the dead server had handed out but not seen acknowledged comes again after the consumer's wait.
        group.create_task(read_mail())
    assert len(seen) == 4000


async def test_events_posted_while_the_server_is_away_are_stored_when_it_is_back(team: NatsTeam) -> None:
    launcher = await team.connect("launcher")
    await kill(team.server.pid)
    receipts = [await launcher.post(message("launcher", str(number)), EVERYONE) for number in range(100)]
    await team.server.restart()
    async with asyncio.timeout(30):
        assert [await receipt.stored() for receipt in receipts] == list(range(1, 101))


async def test_questions_are_asked_and_answered_after_a_restart(team: NatsTeam) -> None:
    launcher, agent = await team.connect("launcher"), await team.connect("dev-1")

    async def handler(_source: str, body: bytes) -> bytes:
        return body + b"!"

    await launcher.answer("launcher", handler)
    await team.server.restart()
    # Both are back once both have an event stored; before that, a question may find nobody there.
    await launcher.publish(message("launcher", "back"), EVERYONE)
    await agent.publish(message("dev-1", "back"), EVERYONE)
    assert await agent.ask("launcher", "exec", b"hello", timeout=5) == b"hello!"


async def test_a_server_that_stays_away_ends_the_bus_with_a_reason(team: NatsTeam) -> None:
    agent = await team.connect("dev-1", patience=0.3)
    mailbox = await agent.subscribe((), durable="mailbox-dev-1")
    waiting = asyncio.ensure_future(mailbox.batch(1))
    await team.server.stop()
    async with asyncio.timeout(30):
        # Where the server took longer to stop than the bus has patience, the post itself says so.
        with pytest.raises(BusClosedError, match=r"did not come back in 0\.3 s"):
            await (await agent.post(message("dev-1", "hello"), EVERYONE)).stored()
        with pytest.raises(BusClosedError):
            await waiting
    with pytest.raises(BusClosedError):
        await agent.publish(message("dev-1", "hello"), EVERYONE)


async def test_an_identity_of_five_seconds_is_renewed_and_nothing_is_lost(team: NatsTeam) -> None:
    renewals: list[float] = []
    loop = asyncio.get_running_loop()

    async def renew() -> tuple[str, str]:
        renewals.append(loop.time())
        return team.mint("dev-1", 5)

    # A second or more is left for each renewal: one that came too late would be another test's.
    agent = await team.connect("dev-1", ttl=5, renew=renew)
    launcher = await team.connect("launcher")
    mailbox = await agent.subscribe((), durable="mailbox-dev-1")
    end = loop.time() + 9
    sent = 0

    async def send() -> None:
        nonlocal sent
        while loop.time() < end:
            await launcher.post(message("launcher", str(sent)), to_agent("dev-1"))
            await agent.post(message("dev-1", str(sent)), EVERYONE)
            sent += 1
            await asyncio.sleep(0.001)
        # The last word of each: a reader that asks whether the sender is done may wait for mail that never comes.
        await launcher.publish(message("launcher", "end"), to_agent("dev-1"))
        await agent.publish(message("dev-1", "end"), EVERYONE)

    texts: dict[str, list[str]] = {"launcher": [], "dev-1": []}
    async with asyncio.timeout(45), asyncio.TaskGroup() as group:
        group.create_task(send())
        while not all(said and said[-1] == "end" for said in texts.values()):
            for delivery in await mailbox.batch(100):
                texts[delivery.event().source].append(text_of(delivery))
                await delivery.ack()
    expected = [*map(str, range(sent)), "end"]
    assert texts == {"launcher": expected, "dev-1": expected}
    assert len(renewals) >= 2


async def test_an_expired_identity_is_renewed_when_the_server_hangs_up(team: NatsTeam) -> None:
    """The machine slept, or the renewal came too late: the server has closed the connection already."""
    stored = asyncio.Event()

    async def renew() -> tuple[str, str]:
        await asyncio.sleep(1.5)  # later than the expiry
        stored.set()
        return team.mint("dev-1", 60)

    agent = await team.connect("dev-1", ttl=2, renew=renew)
    await stored.wait()
    async with asyncio.timeout(30):
        assert await agent.publish(message("dev-1", "still me"), EVERYONE) == 1


async def test_without_renewal_an_expired_identity_ends_the_bus(team: NatsTeam) -> None:
    # An expiry is in whole seconds, cut off: of two, one at least is left to connect and subscribe in.
    agent = await team.connect("dev-1", ttl=2)
    mailbox = await agent.subscribe((), durable="mailbox-dev-1")
    async with asyncio.timeout(30):
        with pytest.raises(BusClosedError, match="refused by the bus"):
            await mailbox.batch(1)


async def test_a_refused_identity_is_an_error_at_once(team: NatsTeam) -> None:
    other = NatsTeam(team.server.folder / "other")
    jwt, seed = other.mint("dev-1")
    with pytest.raises(BusError, match="refused by the bus"):
        await connect_nats(team.server.url, run=RUN, source="dev-1", jwt=jwt, seed=seed)


async def test_no_server_is_an_error_that_names_the_address() -> None:
    with pytest.raises(BusError, match=r"no message bus answers at nats://127\.0\.0\.1:1"):
        await connect_nats("nats://127.0.0.1:1", run=RUN, source="dev-1")


async def test_an_agent_may_not_answer_for_others(team: NatsTeam) -> None:
    agent = await team.connect("dev-1")

    async def handler(_source: str, body: bytes) -> bytes:
        return body

    with pytest.raises(BusError, match="may not answer for proctor"):
        await agent.answer("proctor", handler)


async def test_an_agent_reads_no_log(team: NatsTeam) -> None:
    agent = await team.connect("dev-1")
    with pytest.raises(BusError, match="may not read the log"):
        await agent.subscribe([events_filter(RUN)])
    with pytest.raises(BusError, match="may not read through consumer mailbox-dev-2"):
        await (await agent.subscribe((), durable="mailbox-dev-2")).batch(1)
