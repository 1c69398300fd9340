"""One source's connection to the in-process bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from practicum.bus.address import Address, event_subject
from practicum.bus.event import Event
from practicum.bus.memory.ask import Answerer, ask
from practicum.bus.memory.broker import Log
from practicum.bus.memory.publish import MemoryReceipt
from practicum.bus.memory.subscribe import MemorySubscription
from practicum.bus.protocol import AskHandler, Capabilities
from practicum.errors import BusClosedError, BusError, PublishRefusedError

CAPABILITIES = Capabilities(stored=True, survives_restart=False, identities=True, redelivers=True)

_YIELD_EVERY = 256
"""Events after which a publisher lets others run: nothing here waits by itself."""


class MemoryBus:
    """A `practicum.bus.protocol.Bus`; made by `MemoryBroker.connect`."""

    capabilities = CAPABILITIES

    def __init__(self, log: Log, run: str, source: str) -> None:
        self.run, self.source = run, source
        self.on_error: Callable[[BusError], None] | None = None
        """Told of each refused event as it happens."""
        self._log = log
        self._failed: dict[MemoryReceipt, BusError] = {}
        self._subscriptions: list[MemorySubscription] = []
        self._answerers: list[Answerer] = []
        self._closed = False
        self._published = 0

    async def publish(self, event: Event, to: Address) -> int:
        sequence = self._store(event, to)
        self._published += 1
        if not self._published % _YIELD_EVERY:
            await asyncio.sleep(0)
        return sequence

    async def post(self, event: Event, to: Address) -> MemoryReceipt:
        try:
            return MemoryReceipt(await self.publish(event, to))
        except PublishRefusedError as error:
            receipt = MemoryReceipt(0, error, self._told)
            self._failed[receipt] = error
            if self.on_error is not None:
                self.on_error(error)
            return receipt

    async def flush(self) -> None:
        if self._failed:
            first = next(iter(self._failed.values()))
            self._failed.clear()
            raise first

    async def subscribe(
        self, filters: Sequence[str], *, durable: str | None = None, start: int = 1, maximum_pending: int = 1024
    ) -> MemorySubscription:
        self._check_open()
        subscription = self._log.read(filters, durable, start)
        self._subscriptions.append(subscription)
        return subscription

    async def ask(self, service: str, verb: str, body: bytes, *, timeout: float) -> bytes:
        self._check_open()
        return await ask(self._log, self.source, service, verb, body, timeout)

    async def answer(self, service: str, handler: AskHandler, *, verb: str = "*") -> None:
        self._check_open()
        answerer = Answerer(f"{service}.{verb}", handler)
        self._log.answerers.append(answerer)
        self._answerers.append(answerer)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for subscription in self._subscriptions:
            await subscription.close()
        for answerer in self._answerers:
            self._log.answerers.remove(answerer)

    def _store(self, event: Event, to: Address) -> int:
        if self._closed:
            self._check_open()
        subject = event_subject(event.run, event.source, to, event.type)
        if event.source != self.source or event.run != self.run:
            raise PublishRefusedError(subject, f"this connection writes as {self.source} of {self.run}")
        return self._log.append(subject, event)

    def _told(self, receipt: MemoryReceipt) -> None:
        self._failed.pop(receipt, None)

    def _check_open(self) -> None:
        if self._closed:
            raise BusClosedError(f"{self.source}'s connection to the message bus is closed")
