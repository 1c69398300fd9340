"""What waits for an agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from practicum.bus.event import Event, MalformedEventError
from practicum.bus.protocol import Delivery, Subscription

_BATCH = 64


class Inbox(Protocol):
    """Hands over, turn by turn, the events that wake an agent."""

    consumed: int
    """The bus's sequence of the last event that was taken, interesting or not."""

    async def next(self) -> list[Event]:
        """Wait for events that wake the agent; empty when there will be none any more."""
        ...

    async def handed_over(self) -> None:
        """The events of the last `next` are on record as handed over; they need not come again."""
        ...


class BusInbox:
    """The agent's durable mailbox on the bus. At least once: what came twice is handed over once."""

    def __init__(self, mailbox: Subscription, wakes: Callable[[Event], bool]) -> None:
        self.consumed = 0
        self._mailbox = mailbox
        self._wakes = wakes
        self._seen: set[str] = set()
        self._open: list[Delivery] = []

    async def next(self) -> list[Event]:
        while True:
            batch = await self._mailbox.batch(_BATCH)
            if not batch:
                return []
            events = []
            for delivery in batch:
                self.consumed = max(self.consumed, delivery.sequence)
                event = self._read(delivery)
                if event is not None:
                    events.append(event)
                    self._open.append(delivery)
                else:
                    await delivery.ack()
            if events:
                return events

    def _read(self, delivery: Delivery) -> Event | None:
        try:
            event = delivery.event()
        except MalformedEventError:
            return None  # forged or broken; the observer records it as dropped
        if event.id in self._seen or not self._wakes(event):
            return None
        self._seen.add(event.id)
        return event

    async def handed_over(self) -> None:
        for delivery in self._open:
            await delivery.ack()
        self._open.clear()
