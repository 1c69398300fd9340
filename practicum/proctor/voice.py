"""The proctor on the bus: publishes what it does, under its own name."""

from __future__ import annotations

from practicum.bus.event import Event, Provenance, make_event
from practicum.bus.events import Data
from practicum.bus.protocol import Bus
from practicum.bus.routing import address_for
from practicum.clock import Clock
from practicum.errors import BusError

SOURCE = "proctor"
_ASK_S = 15.0


class Voice:
    """Publishes as `proctor`. What is said before there is a bus is kept, in order, until there is one."""

    def __init__(self, run: str, clock: Clock) -> None:
        self._run, self._clock = run, clock
        self._bus: Bus | None = None
        self._early: list[Event] = []

    async def connect(self, bus: Bus) -> None:
        """Go on over `bus`."""
        early, self._early = self._early, []
        for event in early:
            await bus.publish(event, address_for(event.data))
        self._bus = bus

    async def publish(
        self, data: Data, cause: str | None = None, id: str | None = None, provenance: Provenance = "simulated"
    ) -> None:
        """Publish and return when it is stored.

        Raises:
            BusError: the bus is gone.
        """
        event = make_event(
            data, run=self._run, source=SOURCE, cause=cause, provenance=provenance, clock=self._clock, id=id
        )
        if self._bus is None:
            self._early.append(event)
        else:
            await self._bus.publish(event, address_for(data))

    async def ask_launcher(self, verb: str, body: bytes) -> bytes:
        """Ask something of the launcher, which answers within a few seconds or not at all.

        Raises:
            BusError: there is no bus yet, or nobody answered.
        """
        if self._bus is None:
            raise BusError("the proctor is not on the bus yet")
        return await self._bus.ask("launcher", verb, body, timeout=_ASK_S)

    async def close(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            await self._bus.close()
