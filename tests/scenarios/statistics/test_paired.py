"""The paired test and its interval, held to their definitions and to simulated pairs."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practicum.scenarios.statistics import detectable_difference, mcnemar_exact, paired_difference, power
from practicum.scenarios.statistics.paired import _score
from practicum.scenarios.statistics.rates import two_sided

_pairs = st.integers(1, 120).flatmap(
    lambda n: st.integers(0, n).flatmap(lambda b: st.tuples(st.just(n), st.just(b), st.integers(0, n - b)))
)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (1, 7, 0.0703125)]
)
def test_the_exact_test_is_that_of_a_fair_coin(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar_exact(only_a, only_b) == p == mcnemar_exact(only_b, only_a)


def test_without_a_difference_the_exact_test_rejects_no_more_often_than_promised() -> None:
    generator, rejected, times = random.Random(3), 0, 5000
    for _ in range(times):
        only_a = sum(generator.random() < 0.5 for _ in range(24))
        rejected += mcnemar_exact(only_a, 24 - only_a) < 0.05
    assert rejected / times <= 0.05


def test_a_great_many_pairs_are_no_trouble() -> None:
    assert mcnemar_exact(40_000, 40_100) == pytest.approx(math.erfc(99 / math.sqrt(2 * 80_100)), abs=1e-4)
    assert mcnemar_exact(480, 520) == pytest.approx(mcnemar_exact(480, 521), abs=0.02)


@pytest.mark.parametrize(
    ("only_a", "only_b", "n", "confidence", "low", "high"),
    [
        # Published values: Fagerland et al. 2014 (airway reactivity); Tango 1998 (contact lenses, one-sided at 5 %).
        (7, 1, 21, 0.95, -0.517, -0.026),
        (1, 0, 44, 0.90, -0.096, 0.037),
    ],
)
def test_the_interval_has_the_published_values(
    only_a: int, only_b: int, n: int, confidence: float, low: float, high: float
) -> None:
    found = paired_difference(only_a, only_b, n, confidence)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


@given(_pairs)
def test_the_interval_holds_what_was_seen_and_ends_where_the_score_test_refutes(drawn: tuple[int, int, int]) -> None:
    n, only_a, only_b = drawn
    found, z = paired_difference(only_a, only_b, n), two_sided(0.95)
    assert -1 <= found.low <= (only_b - only_a) / n <= found.high <= 1
    assert found.high - found.low > 0
    if found.low > -1 + 1e-9:
        assert abs(_score(only_b, only_a, n, found.low)) == pytest.approx(z, rel=1e-4)
    mirrored = paired_difference(only_b, only_a, n)
    assert (found.low, found.high) == (pytest.approx(-mirrored.high), pytest.approx(-mirrored.low))


@pytest.mark.parametrize(("both", "only_a", "only_b"), [(0.5, 0.1, 0.25), (0.8, 0.05, 0.05), (0.2, 0.0, 0.3)])
def test_the_interval_covers_the_true_difference_about_as_often_as_promised(
    both: float, only_a: float, only_b: float
) -> None:
    generator, held, times, n = random.Random(11), 0, 3000, 40
    cache: dict[tuple[int, int], tuple[float, float]] = {}
    for _ in range(times):
        draws = [generator.random() for _ in range(n)]
        a = sum(both <= draw < both + only_a for draw in draws)
        b = sum(both + only_a <= draw < both + only_a + only_b for draw in draws)
        if (a, b) not in cache:
            found = paired_difference(a, b, n)
            cache[a, b] = (found.low, found.high)
        low, high = cache[a, b]
        held += low <= only_b - only_a <= high
    assert held / times == pytest.approx(0.95, abs=0.025)


def test_the_power_is_how_often_simulated_pairs_are_found_to_differ() -> None:
    generator, found, times = random.Random(19), 0, 4000
    n, only_a, only_b = 60, 0.05, 0.25
    for _ in range(times):
        draws = [generator.random() for _ in range(n)]
        a = sum(draw < only_a for draw in draws)
        b = sum(only_a <= draw < only_a + only_b for draw in draws)
        found += mcnemar_exact(a, b) <= 0.05
    assert power(n, only_a + only_b, only_b - only_a) == pytest.approx(found / times, abs=0.025)


@settings(deadline=None, max_examples=40)
@given(st.integers(6, 120), st.floats(0, 1))
def test_the_detectable_difference_is_found_as_often_as_promised_and_a_smaller_one_is_not(
    n: int, differing: float
) -> None:
    found = detectable_difference(n, differing)
    assert found is not None
    assert power(n, max(differing, found), found) >= 0.8
    less = found - 0.01
    assert less < 0 or power(n, max(differing, less), less) < 0.8


def test_five_pairs_can_show_nothing_and_more_pairs_show_smaller_differences() -> None:
    assert detectable_difference(5, 0.5) is None
    assert detectable_difference(0, 0.0) is None
    found = [detectable_difference(n, 0.2) or 1.0 for n in (6, 20, 60, 200, 600)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.06


def test_counts_and_shares_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        mcnemar_exact(-1, 2)
    with pytest.raises(ValueError, match="no counts"):
        paired_difference(3, 3, 5)
    with pytest.raises(ValueError, match="difference"):
        power(10, 0.1, 0.2)
    with pytest.raises(ValueError, match="share"):
        detectable_difference(10, 1.5)
