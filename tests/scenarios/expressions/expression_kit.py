"""Short ways to work out a text."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from practicum.bus.events import Json
from practicum.scenarios.expressions import parse_body, parse_expression

NAMES: dict[str, Json] = {
    "args": ["elizaos/eliza", 5, {"owner": "acme", "deep": {"n": 2}}],
    "input": {"labels": ["bug", "critical"], "state": "open", "owner": "acme", "n": 2, "text": "Hello World"},
    "context": {"agent": "dev-1", "call": 0},
}


class FixedClock:
    """A moment that does not pass."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 30, 15, 250_000, UTC)

    def monotonic(self) -> float:
        return 0.0


def body(text: str, names: dict[str, Json] | None = None, seed: int = 1) -> Json:
    """What a responseFn says."""
    return parse_body(text).evaluate(names or NAMES, clock=FixedClock(), random=Random(seed))


def holds(text: str, names: dict[str, Json] | None = None) -> bool:
    """Whether a matcher holds."""
    return parse_expression(text).holds(names or NAMES, clock=FixedClock(), random=Random(1))
