"""Two sides tried on the same cases: does one pass more often, by how much, and how small a difference could be seen.

Of n pairs, `only_a` are those where the first side alone passed, `only_b` those where the second alone did. The pairs
on which both agree say nothing about which side is better.
"""

from __future__ import annotations

import math
from functools import lru_cache

from practicum.scenarios.statistics.rates import Interval, two_sided

_STEPS = 60
"""Halvings in the search for an edge: far below what is shown."""

_WHOLE_NUMBERS = 1000
"""Pairs up to which p is computed in whole numbers, without rounding."""

_SEARCH = 12
"""Halvings in the search for a difference: a fortieth of a percentage point."""


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """How likely a split as uneven as this is when neither side is better (two-sided p).

    The exact conditional test: under the hypothesis each pair that differs falls to either side like a coin. Source:
    McNemar, Note on the sampling error of the difference between correlated proportions, 1947; exact as in Agresti,
    Categorical Data Analysis, chapter 11.

    Raises:
        ValueError: a negative count.
    """
    if only_a < 0 or only_b < 0:
        raise ValueError("a count is not negative")
    n, less = only_a + only_b, min(only_a, only_b)
    if n <= _WHOLE_NUMBERS:
        return min(1.0, 2 * sum(math.comb(n, index) for index in range(less + 1)) / (1 << n))
    return min(1.0, 2 * sum(_binomial(n, index, 0.5) for index in _likely(n, 0.5) if index <= less))


def paired_difference(only_a: int, only_b: int, n: int, confidence: float = 0.95) -> Interval:
    """Where the rate of the second side minus that of the first lies; -1 to 1 without pairs.

    The score interval: the differences that the score test does not refute, so it is never empty, stays inside -1 to 1,
    and has a width even where no pair differs. Source: Tango, Equivalence test and confidence interval for the
    difference in proportions for the paired-sample design, Statistics in Medicine 17, 1998.

    Raises:
        ValueError: counts that are none, or a confidence that is not between 0 and 1.
    """
    if min(only_a, only_b) < 0 or only_a + only_b > n:
        raise ValueError(f"{only_a} and {only_b} of {n} are no counts")
    z = two_sided(confidence)
    if n == 0:
        return Interval(low=-1.0, high=1.0, confidence=confidence)
    seen = (only_b - only_a) / n

    def edge(outside: float, wanted: float) -> float:
        inside = seen
        for _ in range(_STEPS):
            middle = (inside + outside) / 2
            held = _score(only_b, only_a, n, middle) * wanted < z
            inside, outside = (middle, outside) if held else (inside, middle)
        return inside

    return Interval(low=edge(-1.0, 1.0), high=edge(1.0, -1.0), confidence=confidence)


def _score(more: int, less: int, n: int, difference: float) -> float:
    """Tango's statistic: by how many standard errors what was seen exceeds `difference`."""
    first = 2 * n
    second = -more - less + (2 * n - more + less) * difference
    third = -less * difference * (1 - difference)
    share = (math.sqrt(max(0.0, second * second - 4 * first * third)) - second) / (2 * first)
    variance = n * (2 * share + difference * (1 - difference))
    distance = more - less - n * difference
    if variance <= 1e-12:
        return 0.0 if abs(distance) < 1e-9 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def power(n: int, differing: float, difference: float, significance: float = 0.05) -> float:
    """How likely the exact test finds a difference with n pairs.

    `differing` is the share of pairs in which the sides differ, `difference` how much more often one side passes.

    Raises:
        ValueError: shares that cannot be.
    """
    if n < 0 or not 0 <= abs(difference) <= differing <= 1:
        raise ValueError("a difference is no larger than the share of pairs that differ, and that is at most 1")
    if differing == 0:
        return 0.0
    to_b = (differing + abs(difference)) / (2 * differing)
    found = 0.0
    for count in _likely(n, differing):
        least = _rejects_from(count, significance)
        if least is None:
            continue
        upper = sum(_binomial(count, index, to_b) for index in _likely(count, to_b) if index >= least)
        lower = sum(_binomial(count, index, to_b) for index in _likely(count, to_b) if index <= count - least)
        found += _binomial(n, count, differing) * (upper + lower)
    return min(1.0, found)


def detectable_difference(n: int, differing: float, wanted: float = 0.8, significance: float = 0.05) -> float | None:
    """The smallest difference that the exact test finds with probability `wanted`; None when n pairs cannot show any.

    `differing` is the share of pairs that are expected to differ, usually as seen. A larger difference than that needs
    more pairs to differ, so it is then taken as no smaller than the difference itself.

    Raises:
        ValueError: a share that is not between 0 and 1.
    """
    if not 0 <= differing <= 1:
        raise ValueError("a share is between 0 and 1")

    def enough(difference: float) -> bool:
        return power(n, max(differing, difference), difference, significance) >= wanted

    if not enough(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(_SEARCH):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@lru_cache(maxsize=4096)
def _rejects_from(count: int, significance: float) -> int | None:
    """The smallest number on one side of `count` that differ, at which the exact test rejects; None when none does."""
    if 2.0 ** (1 - count) > significance:
        return None
    tail, index = 0.0, _likely(count, 0.5)[-1]
    while True:
        tail += _binomial(count, index, 0.5)
        if 2 * tail > significance:
            return index + 1
        index -= 1


def _binomial(n: int, count: int, chance: float) -> float:
    if chance in (0.0, 1.0):
        return float(count == (n if chance else 0))
    choose = math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
    return math.exp(choose + count * math.log(chance) + (n - count) * math.log1p(-chance))


def _likely(n: int, chance: float) -> range:
    """The counts that a binomial distribution reaches at all; what is left out is below one in a thousand million."""
    middle, spread = n * chance, math.sqrt(n * chance * (1 - chance))
    reach = 7 * spread + 12
    return range(max(0, math.floor(middle - reach)), min(n, math.ceil(middle + reach)) + 1)
