"""Slack's `ts`: seconds and microseconds, at once the time and the identity of a message."""

from __future__ import annotations

from practicum.clock import Clock


class Timestamps:
    """Hands out unique, strictly increasing `ts` of the form `1700000000.000100`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new `ts`; two within one microsecond (or while a virtual clock stands) are one microsecond apart."""
        self._last = max(self._last + 1, int(self._clock.now().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seconds(self) -> int:
        """Seconds since 1970, as Slack's `created` has them."""
        return int(self._clock.now().timestamp())


def order(ts: str) -> tuple[int, int]:
    """A `ts` (or the bare seconds that `oldest` and `latest` may be) as something that sorts by time.

    Raises:
        ValueError: when it is not a number.
    """
    seconds, _, fraction = ts.partition(".")
    return int(seconds or "0"), int((fraction or "0").ljust(6, "0")[:6])
