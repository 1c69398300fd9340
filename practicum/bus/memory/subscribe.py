"""Reading the in-process log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from practicum.bus.address import subject_matches
from practicum.bus.event import Event


class MemoryDelivery:
    """One event, passed as the object that it is: nothing is serialised unless `raw` is read."""

    __slots__ = ("_consumer", "_event", "_raw", "sequence", "subject")

    def __init__(self, consumer: Consumer, sequence: int, subject: str, event: Event) -> None:
        self.sequence, self.subject = sequence, subject
        self._consumer, self._event = consumer, event
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = self._event.to_json()
        return self._raw

    def event(self) -> Event:
        # The broker took it from a connection that may write as its source, under a subject that it made itself.
        return self._event

    async def ack(self) -> None:
        self._consumer.unacknowledged.pop(self.sequence, None)


class Consumer:
    """A position in the log: what is to be handed over, and, for a durable one, what was not acknowledged yet."""

    __slots__ = ("_filters", "durable", "ready", "subscription", "unacknowledged", "waiter")

    def __init__(self, filters: tuple[str, ...], durable: bool) -> None:
        self._filters = filters
        self.durable = durable
        self.ready: deque[MemoryDelivery] = deque()
        self.unacknowledged: dict[int, MemoryDelivery] = {}
        self.waiter: asyncio.Future[None] | None = None
        self.subscription: MemorySubscription | None = None

    def wants(self, subject: str) -> bool:
        return any(subject_matches(one, subject) for one in self._filters)

    def offer(self, sequence: int, subject: str, event: Event) -> None:
        self.ready.append(MemoryDelivery(self, sequence, subject, event))
        if self.waiter is not None:
            self.wake()

    def wake(self) -> None:
        waiter, self.waiter = self.waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def return_unacknowledged(self) -> None:
        """Put what was handed over but not acknowledged in front again, in the order of the log."""
        self.ready.extendleft(sorted(self.unacknowledged.values(), key=lambda one: one.sequence, reverse=True))
        self.unacknowledged.clear()


class MemorySubscription:
    """The one reader of a consumer; a second one on the same durable consumer takes over from the first."""

    def __init__(self, consumer: Consumer, on_close: Callable[[Consumer], None]) -> None:
        if consumer.subscription is not None:
            consumer.subscription.finish()
        consumer.subscription = self
        consumer.return_unacknowledged()
        self._consumer, self._on_close = consumer, on_close
        self._closed = False

    def __aiter__(self) -> AsyncIterator[MemoryDelivery]:
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[MemoryDelivery]:
        consumer = self._consumer
        while await self._ready():
            delivery = consumer.ready.popleft()
            if consumer.durable:
                consumer.unacknowledged[delivery.sequence] = delivery
            yield delivery

    async def batch(self, maximum: int) -> Sequence[MemoryDelivery]:
        if not await self._ready():
            return ()
        consumer = self._consumer
        taken = [consumer.ready.popleft() for _ in range(min(maximum, len(consumer.ready)))]
        if consumer.durable:
            consumer.unacknowledged.update((delivery.sequence, delivery) for delivery in taken)
        return taken

    async def close(self) -> None:
        if not self._closed:
            self.finish()
            self._on_close(self._consumer)

    def finish(self) -> None:
        """No more deliveries; whoever waits for one is told."""
        if self._closed:
            return
        self._closed = True
        self._consumer.return_unacknowledged()
        self._consumer.subscription = None
        self._consumer.wake()

    async def _ready(self) -> bool:
        """Wait until a delivery is there; False when there will be none."""
        consumer = self._consumer
        while not self._closed:
            if consumer.ready:
                return True
            consumer.waiter = asyncio.get_running_loop().create_future()
            await consumer.waiter
        return False
