"""What every backend must do. A backend's test file inherits `BusConformance` and says what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest

from practicum.bus.address import EVERYONE, events_filter, mailbox_filters, to_agent, to_channel
from practicum.bus.event import Event, make_event
from practicum.bus.events import MessagePosted
from practicum.bus.protocol import Bus, Capabilities, Delivery, Subscription
from practicum.errors import BusClosedError, BusError, PublishRefusedError

RUN = "01TESTRUN"

Connect = Callable[[str], Awaitable[Bus]]
"""A new connection as one source. `dev-1` is an agent with the mailbox `mailbox-dev-1`; `launcher` may do anything."""


def message(source: str, text: str, *, run: str = RUN, id: str | None = None) -> Event:
    return make_event(MessagePosted(text=text, to="agent.dev-1"), run=run, source=source, id=id)


def text_of(delivery: Delivery) -> str:
    data = delivery.event().data
    assert isinstance(data, MessagePosted)
    return data.text


PATIENCE_S = 30
"""For what comes at once on an idle machine."""


async def take(subscription: Subscription, count: int, *, ack: bool = True) -> list[Delivery]:
    """The next `count` deliveries."""
    taken: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(taken) < count:
            taken += await subscription.batch(count - len(taken))
    if ack:
        for delivery in taken:
            await delivery.ack()
    return taken


async def nothing_more(subscription: Subscription) -> bool:
    try:
        async with asyncio.timeout(0.2):
            await subscription.batch(1)
    except TimeoutError:
        return True
    return False


class BusConformance:
    capabilities: ClassVar[Capabilities]
    largest: ClassVar[int | None] = None
    """Bytes of the largest event; None where nothing is too large."""

    async def test_it_says_what_it_can_do(self, connect: Connect) -> None:
        bus = await connect("launcher")
        assert bus.capabilities == self.capabilities
        assert (bus.run, bus.source) == (RUN, "launcher")

    async def test_an_event_arrives_as_it_was_sent(self, connect: Connect) -> None:
        sender, agent = await connect("launcher"), await connect("dev-1")
        event = message("launcher", "grüezi")
        sequence = await sender.publish(event, to_agent("dev-1"))
        [delivery] = await take(await agent.subscribe((), durable="mailbox-dev-1"), 1)
        assert delivery.event() == event
        assert Event.from_json(delivery.raw) == event
        assert delivery.sequence == sequence
        assert delivery.subject == f"practicum.{RUN}.from.launcher.to.agent.dev-1.message.posted"

    async def test_events_of_one_source_keep_their_order(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        subscription = await agent.subscribe((), durable="mailbox-dev-1")
        senders = [await connect(name) for name in ("launcher", "pm")]

        async def send(bus: Bus) -> None:
            for number in range(300):
                await bus.post(message(bus.source, str(number)), to_agent("dev-1"))
            await bus.flush()

        async with asyncio.TaskGroup() as group:
            for bus in senders:
                group.create_task(send(bus))
            deliveries = await take(subscription, 600)
        for bus in senders:
            texts = [text_of(one) for one in deliveries if one.event().source == bus.source]
            assert texts == [str(number) for number in range(300)]

    async def test_receipts_hold_the_sequences_of_the_log(self, connect: Connect) -> None:
        bus = await connect("launcher")
        receipts = [await bus.post(message("launcher", str(number)), EVERYONE) for number in range(50)]
        assert [await receipt.stored() for receipt in receipts] == list(range(1, 51))

    async def test_a_late_subscriber_reads_from_the_start(self, connect: Connect) -> None:
        bus = await connect("launcher")
        for number in range(20):
            await bus.post(message("launcher", str(number)), EVERYONE)
        await bus.flush()
        late = await connect("observer")
        deliveries = await take(await late.subscribe([events_filter(RUN)]), 20)
        assert [text_of(one) for one in deliveries] == [str(number) for number in range(20)]
        assert [one.sequence for one in deliveries] == list(range(1, 21))

    async def test_a_subscriber_may_start_at_a_sequence(self, connect: Connect) -> None:
        bus = await connect("launcher")
        for number in range(10):
            await bus.publish(message("launcher", str(number)), EVERYONE)
        subscription = await bus.subscribe([events_filter(RUN)], start=8)
        assert [one.sequence for one in await take(subscription, 3)] == [8, 9, 10]
        assert await nothing_more(subscription)

    async def test_filters_choose_by_source_receiver_and_type(self, connect: Connect) -> None:
        launcher, pm = await connect("launcher"), await connect("pm")
        await launcher.publish(message("launcher", "to dev-1"), to_agent("dev-1"))
        await launcher.publish(message("launcher", "to dev-2"), to_agent("dev-2"))
        await pm.publish(message("pm", "to #dev"), to_channel("dev"))
        await pm.publish(message("pm", "to all"), EVERYONE)
        cases = {
            f"practicum.{RUN}.from.pm.to.>": ["to #dev", "to all"],
            f"practicum.{RUN}.from.*.to.agent.*.message.posted": ["to dev-1", "to dev-2"],
            f"practicum.{RUN}.from.*.to.agent.dev-2.>": ["to dev-2"],
        }
        for filter_, expected in cases.items():
            subscription = await launcher.subscribe([filter_])
            assert [text_of(one) for one in await take(subscription, len(expected))] == expected
            assert await nothing_more(subscription)
        several = await launcher.subscribe(mailbox_filters(RUN, "dev-1", ("dev",)))
        assert [text_of(one) for one in await take(several, 3)] == ["to dev-1", "to #dev", "to all"]

    async def test_the_same_event_is_stored_once(self, connect: Connect) -> None:
        bus = await connect("launcher")
        event = message("launcher", "once")
        assert await bus.publish(event, EVERYONE) == await bus.publish(event, EVERYONE)
        await bus.publish(message("launcher", "next"), EVERYONE)
        subscription = await bus.subscribe([events_filter(RUN)])
        assert [text_of(one) for one in await take(subscription, 2)] == ["once", "next"]
        assert await nothing_more(subscription)

    async def test_a_durable_subscription_goes_on_where_it_was(self, connect: Connect) -> None:
        sender, agent = await connect("launcher"), await connect("dev-1")
        for number in range(6):
            await sender.publish(message("launcher", str(number)), to_agent("dev-1"))
        subscription = await agent.subscribe((), durable="mailbox-dev-1")
        await take(subscription, 3)
        await agent.close()
        await sender.publish(message("launcher", "while away"), to_agent("dev-1"))
        again = await connect("dev-1")
        deliveries = await take(await again.subscribe((), durable="mailbox-dev-1"), 4)
        assert sorted(text_of(one) for one in deliveries) == ["3", "4", "5", "while away"]

    async def test_what_was_not_acknowledged_comes_again(self, connect: Connect) -> None:
        if not self.capabilities.redelivers:
            pytest.skip("does not redeliver")
        sender, agent = await connect("launcher"), await connect("dev-1")
        for number in range(3):
            await sender.publish(message("launcher", str(number)), to_agent("dev-1"))
        subscription = await agent.subscribe((), durable="mailbox-dev-1")
        deliveries = await take(subscription, 3, ack=False)
        await deliveries[0].ack()
        await subscription.close()
        again = await take(await agent.subscribe((), durable="mailbox-dev-1"), 2)
        # Order is promised for what comes the first time; what is given back may overtake.
        assert sorted(text_of(one) for one in again) == ["1", "2"]

    async def test_a_slow_consumer_loses_nothing(self, connect: Connect) -> None:
        sender, agent = await connect("launcher"), await connect("dev-1")
        subscription = await agent.subscribe((), durable="mailbox-dev-1", maximum_pending=16)
        for number in range(500):
            await sender.post(message("launcher", str(number)), to_agent("dev-1"))
        await sender.flush()
        texts: list[str] = []
        while len(texts) < 500:
            await asyncio.sleep(0.001)
            texts += [text_of(one) for one in await take(subscription, 4)]
        assert texts == [str(number) for number in range(500)]

    async def test_a_question_is_answered_to_the_asker_alone(self, connect: Connect) -> None:
        launcher, agent, other = await connect("launcher"), await connect("dev-1"), await connect("pm")

        async def handler(source: str, body: bytes) -> bytes:
            return f"{source} said ".encode() + body

        await launcher.answer("launcher", handler)
        answers = await asyncio.gather(
            agent.ask("launcher", "exec", b"one", timeout=5), other.ask("launcher", "exec", b"two", timeout=5)
        )
        assert answers == [b"dev-1 said one", b"pm said two"]

    async def test_questions_are_not_stored(self, connect: Connect) -> None:
        launcher, agent = await connect("launcher"), await connect("dev-1")

        async def handler(_source: str, body: bytes) -> bytes:
            return body

        await launcher.answer("launcher", handler)
        await agent.ask("launcher", "exec", b"secret", timeout=5)
        assert await launcher.publish(message("launcher", "first"), EVERYONE) == 1

    async def test_a_question_to_nobody_fails_at_once(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(BusError, match="nobody answers"):
                await agent.ask("launcher", "exec", b"", timeout=300)

    async def test_a_failing_answer_tells_the_asker(self, connect: Connect) -> None:
        launcher, agent = await connect("launcher"), await connect("dev-1")

        async def refuses(_source: str, _body: bytes) -> bytes:
            raise BusError("not for you")

        async def breaks(_source: str, _body: bytes) -> bytes:
            raise ZeroDivisionError("with details that are nobody's business")

        await launcher.answer("launcher", refuses, verb="exec")
        await launcher.answer("launcher", breaks, verb="stat")
        with pytest.raises(BusError, match="not for you"):
            await agent.ask("launcher", "exec", b"", timeout=5)
        with pytest.raises(BusError, match="ZeroDivisionError") as caught:
            await agent.ask("launcher", "stat", b"", timeout=5)
        assert "details" not in str(caught.value)

    async def test_an_answer_that_is_late_is_an_error(self, connect: Connect) -> None:
        launcher, agent = await connect("launcher"), await connect("dev-1")

        async def never(_source: str, _body: bytes) -> bytes:
            await asyncio.Event().wait()
            return b""

        await launcher.answer("launcher", never)
        with pytest.raises(BusError, match=r"within 0\.1 s"):
            await agent.ask("launcher", "exec", b"", timeout=0.1)

    async def test_a_forged_source_is_refused_by_the_broker(self, connect: Connect) -> None:
        if not self.capabilities.identities:
            pytest.skip("has no identities")
        agent, launcher = await connect("dev-1"), await connect("launcher")
        subject = f"practicum.{RUN}.from.pm.to.agent.dev-2.message.posted"
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(PublishRefusedError) as caught:
                await agent.publish(message("pm", "I resign"), to_agent("dev-2"))
        assert caught.value.subject == subject
        assert await launcher.publish(message("launcher", "first"), EVERYONE) == 1

    async def test_a_refusal_reaches_its_own_receipt_only(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        before = await agent.post(message("dev-1", "before"), EVERYONE)
        forged = await agent.post(message("pm", "forged"), EVERYONE)
        after = await agent.post(message("dev-1", "after"), EVERYONE)
        async with asyncio.timeout(PATIENCE_S):
            assert [await before.stored(), await after.stored()] == [1, 2]
            with pytest.raises(PublishRefusedError):
                await forged.stored()
            await agent.flush()

    async def test_flush_raises_the_first_refusal_once(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        await agent.post(message("pm", "forged"), to_agent("a"))
        await agent.post(message("pm", "forged"), to_agent("b"))
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(PublishRefusedError) as caught:
                await agent.flush()
            assert ".to.agent.a." in caught.value.subject
            await agent.flush()

    async def test_another_run_is_out_of_reach(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(PublishRefusedError, match="OTHER"):
                await agent.publish(message("dev-1", "hello", run="OTHER"), EVERYONE)

    async def test_a_large_event_arrives(self, connect: Connect) -> None:
        sender, agent = await connect("launcher"), await connect("dev-1")
        await sender.publish(message("launcher", "x" * 5_000_000), to_agent("dev-1"))
        [delivery] = await take(await agent.subscribe((), durable="mailbox-dev-1"), 1)
        assert len(text_of(delivery)) == 5_000_000

    async def test_an_event_that_is_too_large_says_so(self, connect: Connect) -> None:
        if self.largest is None:
            pytest.skip("nothing is too large")
        bus = await connect("launcher")
        with pytest.raises(BusError, match="larger than the message bus takes"):
            await bus.publish(message("launcher", "x" * self.largest), EVERYONE)
        assert await bus.publish(message("launcher", "small"), EVERYONE) == 1

    async def test_a_closed_bus_ends_its_subscriptions_and_takes_nothing(self, connect: Connect) -> None:
        bus = await connect("launcher")
        subscription = await bus.subscribe([events_filter(RUN)])
        waiting = asyncio.ensure_future(subscription.batch(1))
        await asyncio.sleep(0)
        await bus.close()
        await bus.close()
        assert list(await waiting) == []
        assert [one async for one in subscription] == []
        with pytest.raises(BusClosedError):
            await bus.publish(message("launcher", "late"), EVERYONE)
        with pytest.raises(BusClosedError):
            await bus.ask("launcher", "exec", b"", timeout=1)

    async def test_what_was_posted_before_close_is_stored(self, connect: Connect) -> None:
        bus = await connect("launcher")
        for number in range(100):
            await bus.post(message("launcher", str(number)), EVERYONE)
        await bus.close()
        reader = await connect("observer")
        assert len(await take(await reader.subscribe([events_filter(RUN)]), 100)) == 100

    async def test_a_closed_subscription_leaves_the_bus_open(self, connect: Connect) -> None:
        bus = await connect("launcher")
        subscription = await bus.subscribe([events_filter(RUN)])
        await subscription.close()
        await subscription.close()
        assert list(await subscription.batch(1)) == []
        assert await bus.publish(message("launcher", "still here"), EVERYONE) == 1

    async def test_reading_an_absent_mailbox_is_an_error(self, connect: Connect) -> None:
        agent = await connect("dev-1")
        with pytest.raises(BusError):
            async with asyncio.timeout(PATIENCE_S):
                await (await agent.subscribe((), durable="mailbox-nobody")).batch(1)
