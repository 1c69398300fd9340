"""What a message bus is to the rest of Practicum."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from practicum.bus.address import Address
from practicum.bus.event import Event


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do; the conformance suite asks for no more."""

    stored: bool
    """Keeps a log that a late subscriber can read from any sequence."""
    survives_restart: bool
    """What was stored is there after the server was killed and started again."""
    identities: bool
    """The broker itself refuses a forged source."""
    redelivers: bool
    """What was not acknowledged comes again."""


@runtime_checkable
class Receipt(Protocol):
    """The promise that a published event is stored."""

    async def stored(self) -> int:
        """Wait until the backend has stored the event; return its sequence (0 where there is no log).

        Raises:
            PublishRefusedError: this identity may not write there.
            BusError: the backend did not store it.
        """
        ...


class Delivery(Protocol):
    """One event handed to one consumer."""

    @property
    def subject(self) -> str: ...

    @property
    def sequence(self) -> int:
        """Place in the backend's log, from 1; 0 where there is none."""
        ...

    @property
    def raw(self) -> bytes:
        """The body as it travels: one JSON object."""
        ...

    def event(self) -> Event:
        """Decode the body.

        Raises:
            MalformedEventError: not an event, or `source` or `run` differ from the subject.
        """
        ...

    async def ack(self) -> None:
        """Say that it has been dealt with; until then it may come again."""
        ...


class Subscription(Protocol):
    """A stream of deliveries, in order for each source."""

    def __aiter__(self) -> AsyncIterator[Delivery]: ...

    async def batch(self, maximum: int) -> Sequence[Delivery]:
        """Wait for at least one delivery, return at most `maximum` that are there. Empty when closed."""
        ...

    async def close(self) -> None: ...


AskHandler = Callable[[str, bytes], Awaitable[bytes]]
"""Given the asking source and the request's bytes, the reply's bytes."""


class Bus(Protocol):
    """Where agents, proctor, world and observer meet; the same for every backend.

    Delivery is at least once and ordered for each source: consumers are idempotent by event id.
    """

    capabilities: Capabilities
    source: str
    """As whom this connection writes."""
    run: str

    async def publish(self, event: Event, to: Address) -> int:
        """Publish and return when the backend has stored it, with its sequence.

        Raises:
            PublishRefusedError: this identity may not write as `event.source`.
            BusError: the backend is gone or did not store it.
        """
        ...

    async def post(self, event: Event, to: Address) -> Receipt:
        """Publish without waiting; the receipt may be awaited later. A refusal also reaches `on_error`."""
        ...

    async def flush(self) -> None:
        """Return when every posted event is stored; raises the first refusal among them."""
        ...

    async def subscribe(
        self, filters: Sequence[str], *, durable: str | None = None, start: int = 1, maximum_pending: int = 1024
    ) -> Subscription:
        """Read stored events that match any of `filters` (NATS wildcards), from sequence `start` on.

        With `durable`, the position is kept by the backend under that name; for an identity that may not create
        consumers it must exist already.
        """
        ...

    async def ask(self, service: str, verb: str, body: bytes, *, timeout: float) -> bytes:
        """Request and private reply; never stored.

        Raises:
            BusError: nobody answered within `timeout` seconds.
        """
        ...

    async def answer(self, service: str, handler: AskHandler, *, verb: str = "*") -> None:
        """Answer what others ask of `service`."""
        ...

    async def close(self) -> None: ...
