"""`fault.*` and `limit.*`: what went wrong on purpose, and what went too far."""

from __future__ import annotations

from practicum.bus.events.base import Data, Json


class FaultInjected(Data, type="fault.injected"):
    """The fault plan struck."""

    fault: str
    target: str
    facts: dict[str, Json] = {}


class LimitReached(Data, type="limit.reached"):
    """A limit of the run, an agent or a lease was reached."""

    limit: str
    """`time`, `cost`, `tokens`, `turns`, `events`, `repeated_calls`, `calls`, `rate`."""
    of: str
    """`run`, an agent's name, or a lease id."""
    value: float
    maximum: float
