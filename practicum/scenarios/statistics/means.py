"""Means of what was measured (seconds, dollars, tokens), with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel

from practicum.scenarios.statistics.rates import two_sided

_NORMAL_FROM = 2000
"""Degrees of freedom from which Student's interval is wider than the normal one by less than a thousandth."""


class Mean(BaseModel):
    """The mean of n measurements, and where the true mean lies."""

    n: int
    mean: float
    low: float | None = None
    """None for fewer than two measurements: one says nothing about how much they vary."""
    high: float | None = None
    smallest: float
    largest: float
    confidence: float = 0.95


def mean_of(values: Sequence[float], confidence: float = 0.95) -> Mean | None:
    """The mean and its interval by Student's distribution; None of nothing.

    The interval takes the measurements as independent and not wildly skewed. With a few trials of a heavy-tailed cost
    it is a rough guide only.

    Raises:
        ValueError: a confidence that is not between 0 and 1.
    """
    n = len(values)
    if n == 0:
        return None
    mean = math.fsum(values) / n
    low = high = None
    if n > 1:
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
        half = student(n - 1, confidence) * spread / math.sqrt(n)
        low, high = mean - half, mean + half
    return Mean(n=n, mean=mean, low=low, high=high, smallest=min(values), largest=max(values), confidence=confidence)


def student(freedom: int, confidence: float) -> float:
    """The t that -t to t hold this share of Student's distribution with so many degrees of freedom.

    Raises:
        ValueError: no degree of freedom, or a confidence that is not between 0 and 1.
    """
    if freedom < 1:
        raise ValueError("at least one degree of freedom")
    normal = two_sided(confidence)
    if freedom >= _NORMAL_FROM:
        return normal
    low, high = 0.0, math.pi / 2  # in the angle whose tangent t is, so that no t is too large
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _held(middle, freedom) < confidence else (low, middle)
    return math.sqrt(freedom) * math.tan(high)


def _held(angle: float, freedom: int) -> float:
    """The share between -t and t, where t = sqrt(freedom) tan(angle).

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    sine, square = math.sin(angle), math.cos(angle) ** 2
    if freedom % 2:
        term = total = math.cos(angle) if freedom > 1 else 0.0
        for index in range(3, freedom - 1, 2):
            term *= square * (index - 1) / index
            total += term
        return 2 / math.pi * (angle + sine * total)
    term = total = 1.0
    for index in range(2, freedom - 1, 2):
        term *= square * (index - 1) / index
        total += term
    return sine * total
