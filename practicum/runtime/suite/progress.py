"""How far a suite is, and when it may be over."""

from __future__ import annotations

import time
from collections.abc import Callable

from practicum.runtime.suite.trial import Trial
from practicum.scenarios.statistics import Row


class Progress:
    """Counts what has ended. Give `started` and `ended` to the pool."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done, self.passed, self.failed = total, 0, 0, 0
        self.running: dict[str, Trial] = {}
        self._clock, self._begin = clock, clock()

    def started(self, trial: Trial) -> None:
        """A trial runs."""
        self.running[trial.key] = trial

    def ended(self, trial: Trial, row: Row) -> None:
        """A trial has ended."""
        self.running.pop(trial.key, None)
        self.done += 1
        self.passed += row.outcome == "passed"
        self.failed += row.outcome == "failed"

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._begin

    @property
    def left_s(self) -> float | None:
        """Seconds until all have ended, if they go on as they did; None before the first has.

        By what is done in the time so far, so that it holds for any number of runs at a time.
        """
        return self.elapsed_s / self.done * (self.total - self.done) if self.done else None

    def line(self) -> str:
        """`12/60  9 passed  2 failed  1 else  4 running  3m 20s left`."""
        parts = [f"{self.done}/{self.total}", f"{self.passed} passed"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if other := self.done - self.passed - self.failed:
            parts.append(f"{other} else")
        if self.running:
            parts.append(f"{len(self.running)} running")
        left = self.left_s
        if left is not None and self.done < self.total:
            parts.append(f"{duration(left)} left")
        return "  ".join(parts)


def duration(seconds: float) -> str:
    """`27 ms`, `0.4 s`, `12 s`, `3m 20s`, `1h 05m`."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}h {minutes % 60:02d}m" if minutes >= 60 else f"{minutes}m {rest:02d}s"
