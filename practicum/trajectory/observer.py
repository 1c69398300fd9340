"""The observer: takes every event of a run from the bus and writes it down."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence

from practicum.bus.address import RECORD, events_filter, parse_subject
from practicum.bus.event import Event, MalformedEventError, make_event
from practicum.bus.events import EventDropped
from practicum.bus.protocol import Bus, Delivery
from practicum.trajectory.writer import TrajectoryWriter

OnEvent = Callable[[Event, str, int], None]
"""Called with each recorded event, its subject and the bus's sequence, after it is on disk."""

_GROUP = 512


class Observer:
    """Reads the whole run in order and acknowledges an event only after its own fdatasync.

    Forged, malformed and unknown events are not written; an `event.dropped` says so.
    """

    def __init__(self, bus: Bus, writer: TrajectoryWriter, on_event: OnEvent | None = None) -> None:
        self._bus = bus
        self._writer = writer
        self._on_event = on_event
        self._seen: set[str] = set()
        self._last = 0
        self._waiters: list[tuple[int, asyncio.Event]] = []

    async def run(self) -> None:
        """Record until cancelled, or until the bus closes the subscription.

        Raises:
            InfrastructureError: the disk refuses.
        """
        subscription = await self._bus.subscribe([events_filter(self._bus.run)])
        try:
            while batch := await subscription.batch(_GROUP):
                await self._record(batch)
        finally:
            await subscription.close()

    async def reached(self, sequence: int) -> None:
        """Return when everything up to the bus's `sequence` is on disk."""
        if self._last >= sequence:
            return
        event = asyncio.Event()
        self._waiters.append((sequence, event))
        await event.wait()

    async def _record(self, deliveries: Sequence[Delivery]) -> None:
        taken: list[tuple[Event, Delivery]] = []
        for delivery in deliveries:
            try:
                event = delivery.event()
            except MalformedEventError as error:
                await self._drop(delivery, str(error))
                continue
            if event.id not in self._seen:
                self._seen.add(event.id)
                taken.append((event, delivery))
        if taken:
            await self._write([delivery.raw for _, delivery in taken])
        for delivery in deliveries:
            await delivery.ack()
        if self._on_event is not None:
            for event, delivery in taken:
                self._on_event(event, delivery.subject, delivery.sequence)
        self._last = max(self._last, deliveries[-1].sequence)
        for waiter in [waiter for waiter in self._waiters if waiter[0] <= self._last]:
            self._waiters.remove(waiter)
            waiter[1].set()

    async def _write(self, group: list[bytes]) -> None:
        """Write a group in a thread: while the disk flushes, others go on, and what they post is the next group."""
        writing = asyncio.get_running_loop().run_in_executor(None, self._writer.append, group)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            # A thread cannot be cancelled, and the writer must not be closed under it.
            await asyncio.gather(writing, return_exceptions=True)
            raise

    async def _drop(self, delivery: Delivery, reason: str) -> None:
        parsed = parse_subject(delivery.subject)
        dropped = EventDropped(
            subject=delivery.subject,
            reason=reason,
            claimed_source=parsed.source if parsed else "",
            digest=hashlib.sha256(delivery.raw).hexdigest(),
        )
        await self._bus.post(make_event(dropped, run=self._bus.run, source=self._bus.source), RECORD)
