"""Rate limits in Discord's form: a bucket for each account, route and major parameter, told in headers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from practicum.clock import Clock
from practicum.world.discord.errors import rate_limited


@dataclass
class _Window:
    ends: float
    used: int = 0


class Rates:
    """Counts calls in windows of fixed length.

    Discord's own buckets are narrow (5 messages in 5 s) and discord.py waits for them, which would stretch every run;
    the world's are wide unless the scenario asks for narrow ones.
    """

    def __init__(self, clock: Clock, calls: int = 50, seconds: float = 1.0) -> None:
        self._clock = clock
        self.calls = calls
        self.seconds = seconds
        self._windows: dict[tuple[str, str, str], _Window] = {}

    def take(self, user: str, route: str, major: str) -> dict[str, str]:
        """Count one call; returns the headers that tell of the bucket.

        Raises:
            DiscordError: 429 when the bucket is empty.
        """
        now = self._clock.monotonic()
        key = (user, route, major)
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = _Window(now + self.seconds)
        after = max(0.001, round(window.ends - now, 3))
        window.used += 1
        headers = {
            "X-RateLimit-Limit": str(self.calls),
            "X-RateLimit-Remaining": str(max(0, self.calls - window.used)),
            "X-RateLimit-Reset": f"{self._clock.now().timestamp() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }
        if window.used > self.calls:
            window.used -= 1
            raise rate_limited(after, headers | {"X-RateLimit-Scope": "user"})
        return headers

    def clear(self) -> None:
        """Forget every window."""
        self._windows.clear()
