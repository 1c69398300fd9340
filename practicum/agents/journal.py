"""Where an agent's doings go: onto the bus, or against a record."""

from __future__ import annotations

from typing import Protocol

from practicum.bus.address import Address
from practicum.bus.event import Provenance, make_event
from practicum.bus.events import Data
from practicum.bus.protocol import Bus
from practicum.bus.routing import address_for
from practicum.clock import Clock, WallClock


class Journal(Protocol):
    """Takes each event of an agent as it happens."""

    async def post(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        """Take it and go on; returns the event's id. `to` other than the usual receiver."""
        ...

    async def store(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        """Take it and return when it is stored; for what must not be done twice."""
        ...

    async def flush(self) -> None:
        """Return when all that was posted is stored."""
        ...


class BusJournal:
    """Publishes under the agent's own identity."""

    def __init__(self, bus: Bus, *, provenance: Provenance = "simulated", clock: Clock | None = None) -> None:
        self._bus = bus
        self._provenance = provenance
        self._clock = clock or WallClock()

    async def post(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        event = make_event(
            data,
            run=self._bus.run,
            source=self._bus.source,
            cause=cause,
            provenance=self._provenance,
            clock=self._clock,
        )
        await self._bus.post(event, to or address_for(data))
        return event.id

    async def store(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        event = make_event(
            data,
            run=self._bus.run,
            source=self._bus.source,
            cause=cause,
            provenance=self._provenance,
            clock=self._clock,
        )
        await self._bus.publish(event, to or address_for(data))
        return event.id

    async def flush(self) -> None:
        await self._bus.flush()
