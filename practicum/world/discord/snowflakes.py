"""Discord's ids: 42 bits of milliseconds since 2015, then a counter (docs/reference#snowflakes)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from practicum.clock import Clock

EPOCH_MS = 1_420_070_400_000
_ACCOUNTS_MS = 1_600_000_000_000
"""Accounts look as if they had been made some time after September 2020, before anything in a run."""


class Snowflakes:
    """Hands out unique, strictly increasing ids whose time is the run's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new id; within one millisecond (or while a virtual clock stands) the counter moves on."""
        milliseconds = int(self._clock.now().timestamp() * 1000) - EPOCH_MS
        self._last = max(self._last + 1, milliseconds << 22)
        return str(self._last)

    def now(self) -> str:
        """The present as Discord writes it: ISO 8601 with microseconds and offset."""
        return self._clock.now().isoformat(timespec="microseconds")


def fixed(*parts: str) -> str:
    """An id that is the same in every run, for accounts and what comes with them."""
    digest = int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:7])
    return str((_ACCOUNTS_MS - EPOCH_MS << 22) + digest)


def created_at(id: str) -> str:
    """When an id was made, as ISO 8601."""
    return datetime.fromtimestamp(((int(id) >> 22) + EPOCH_MS) / 1000, UTC).isoformat(timespec="microseconds")
