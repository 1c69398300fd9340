"""Alternating passes, medians, one line of JSON."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Pass = Callable[[], Awaitable[float]]
"""Runs one pass and returns its figure."""


@dataclass
class Series:
    """The figures of one contestant over all passes."""

    figures: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    def rounded(self, digits: int) -> dict[str, float]:
        return {
            "median": round(self.median, digits),
            "lowest": round(min(self.figures), digits),
            "highest": round(max(self.figures), digits),
        }


async def alternate(contestants: Mapping[str, Pass], passes: int) -> dict[str, Series]:
    """Let each contestant run once in turn, `passes` times, in an order that is turned round each time."""
    results = {name: Series() for name in contestants}
    order = list(contestants.items())
    for number in range(passes):
        for name, run in order if number % 2 == 0 else reversed(order):
            results[name].figures.append(await run())
    return results


def ratio(one: Series, other: Series) -> float:
    """The median of the ratios of neighbouring passes: what slowed both down at once cancels out."""
    return round(statistics.median(a / b for a, b in zip(one.figures, other.figures, strict=True)), 3)


def installed(package: str) -> bool:
    """Whether a peer can be imported here."""
    return importlib.util.find_spec(package) is not None


def report(name: str, **figures: object) -> None:
    """Print the result: one line of JSON."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    sys.stdout.write(json.dumps({"benchmark": name, **figures, "machine": machine}) + "\n")
