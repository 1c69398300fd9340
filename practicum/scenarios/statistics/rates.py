"""How often something passes: closed formulas over n trials of which c passed."""

from __future__ import annotations

import math

from pydantic import BaseModel


class Interval(BaseModel):
    """From `low` to `high`, made so that it holds the true value in `confidence` of all repetitions."""

    low: float
    high: float
    confidence: float = 0.95


def pass_at_k(n: int, c: int, k: int) -> float:
    """How likely at least one of k trials passes, from n trials of which c passed: 1 - C(n-c, k) / C(n, k).

    Unbiased. Source: Chen et al., Evaluating Large Language Models Trained on Code, 2021, equation 1.

    Raises:
        ValueError: not 0 <= c <= n, or not 1 <= k <= n.
    """
    _check(n, c, k)
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """How likely all of k trials pass (pass^k), from n trials of which c passed: C(c, k) / C(n, k).

    Unbiased. Source: Yao et al., tau-bench, 2024, section 4.

    Raises:
        ValueError: not 0 <= c <= n, or not 1 <= k <= n.
    """
    _check(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def wilson(c: int, n: int, confidence: float = 0.95) -> Interval:
    """The interval of a rate of which c in n were seen; 0 to 1 where nothing was.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927. It stays inside 0 to 1
    and holds what it promises for few trials too, on average over the true rate.

    Raises:
        ValueError: not 0 <= c <= n, or a confidence that is not between 0 and 1.
    """
    if not 0 <= c <= n:
        raise ValueError(f"{c} of {n} is no count")
    z = two_sided(confidence)
    if n == 0:
        return Interval(low=0.0, high=1.0, confidence=confidence)
    share, square = c / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    # At the ends the formula gives 0 and 1 exactly; floating point does not.
    return Interval(low=0.0 if c == 0 else low, high=1.0 if c == n else high, confidence=confidence)


def agreement(n: int, c: int) -> float | None:
    """How likely two different trials of n end alike, when c of them passed; None for fewer than two.

    The same as the observed agreement of Fleiss' kappa (1971) for one subject and two categories.

    Raises:
        ValueError: not 0 <= c <= n.
    """
    if not 0 <= c <= n:
        raise ValueError(f"{c} of {n} is no count")
    return (math.comb(c, 2) + math.comb(n - c, 2)) / math.comb(n, 2) if n > 1 else None


def two_sided(confidence: float) -> float:
    """How many standard deviations around the middle hold this share of a normal distribution.

    Raises:
        ValueError: a confidence that is not between 0 and 1.
    """
    from statistics import NormalDist

    if not 0 < confidence < 1:
        raise ValueError(f"a confidence is between 0 and 1, not {confidence:g}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _check(n: int, c: int, k: int) -> None:
    if not 0 <= c <= n:
        raise ValueError(f"{c} of {n} is no count")
    if not 1 <= k <= n:
        raise ValueError(f"k is between 1 and the {n} trials, not {k}")
