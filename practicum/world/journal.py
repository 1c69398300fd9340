"""Where the world's events go: to the bus of a run, or to a file when it stands alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from practicum.bus.event import Event, Provenance, make_event
from practicum.bus.events import Data
from practicum.bus.protocol import Bus
from practicum.bus.routing import address_for
from practicum.clock import Clock
from practicum.errors import BusError


class Journal:
    """Appends every event to a file, one line each; it is in the file when `emit` returns."""

    def __init__(
        self, path: Path, *, run: str, clock: Clock, on_event: Callable[[str, Data], None] | None = None
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._run, self._clock, self._on_event = run, clock, on_event

    async def emit(self, service: str, data: Data, *, cause: str | None = None) -> str:
        """See `practicum.world.service.Emit`."""
        event = make_event(data, run=self._run, source=f"world-{service}", cause=cause, clock=self._clock)
        self._file.write(event.to_json() + b"\n")
        if self._on_event is not None:
            self._on_event(service, data)
        return event.id

    def close(self) -> None:
        self._file.close()


class Publisher:
    """Publishes every event to everybody, as `world-{service}`; it is stored when `emit` returns."""

    def __init__(self, buses: Mapping[str, Bus], *, run: str, clock: Clock, provenance: Provenance) -> None:
        self._buses = buses
        """Source to its own connection: the broker lets no other write as it."""
        self._run, self._clock, self._provenance = run, clock, provenance

    async def emit(self, service: str, data: Data, *, cause: str | None = None) -> str:
        """See `practicum.world.service.Emit`.

        Raises:
            BusError: it could not be stored, or the service has no identity on the bus.
        """
        source = f"world-{service}"
        bus = self._buses.get(source)
        if bus is None:
            raise BusError(f"{source} has no identity on the bus")
        event: Event = make_event(
            data, run=self._run, source=source, cause=cause, provenance=self._provenance, clock=self._clock
        )
        await bus.publish(event, address_for(data))
        return event.id
