"""Rates are what their formulas say, and intervals hold what they promise."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practicum.scenarios.statistics import agreement, mean_of, pass_at_k, pass_hat_k, student, wilson


@st.composite
def trials(draw: st.DrawFn, most: int = 9) -> tuple[int, int, int]:
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@given(trials())
def test_both_chances_are_the_share_of_all_ways_to_draw_k_of_the_trials(drawn: tuple[int, int, int]) -> None:
    n, c, k = drawn
    ways = list(itertools.combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(any(way) for way in ways) / len(ways))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(all(way) for way in ways) / len(ways))


@given(trials(most=200))
def test_more_trials_help_one_of_them_to_pass_and_hinder_all_of_them(drawn: tuple[int, int, int]) -> None:
    n, c, k = drawn
    assert 0 <= pass_hat_k(n, c, k) <= c / n + 1e-12
    assert c / n - 1e-12 <= pass_at_k(n, c, k) <= 1
    assert pass_at_k(n, c, 1) == pytest.approx(c / n) == pass_hat_k(n, c, 1)
    if k < n:
        assert pass_at_k(n, c, k) <= pass_at_k(n, c, k + 1) + 1e-12
        assert pass_hat_k(n, c, k + 1) <= pass_hat_k(n, c, k) + 1e-12


def test_both_chances_are_unbiased_for_an_agent_that_passes_at_random() -> None:
    generator, rate, n, k, times = random.Random(55), 0.7, 20, 4, 4000
    counts = [sum(generator.random() < rate for _ in range(n)) for _ in range(times)]
    assert sum(pass_at_k(n, c, k) for c in counts) / times == pytest.approx(1 - (1 - rate) ** k, abs=0.005)
    assert sum(pass_hat_k(n, c, k) for c in counts) / times == pytest.approx(rate**k, abs=0.01)


@pytest.mark.parametrize(("n", "c", "k"), [(5, 6, 1), (5, -1, 1), (5, 2, 0), (5, 2, 6), (0, 0, 1)])
def test_counts_that_cannot_be_are_refused(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match=r"no count|between"):
        pass_at_k(n, c, k)
    with pytest.raises(ValueError, match=r"no count|between"):
        pass_hat_k(n, c, k)


@pytest.mark.parametrize(
    ("c", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_gives_the_values_of_the_tables(c: int, n: int, low: float, high: float) -> None:
    found = wilson(c, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_is_around_the_rate_and_mirrors(drawn: tuple[int, int], confidence: float) -> None:
    c, n = drawn
    found, mirrored = wilson(c, n, confidence), wilson(n - c, n, confidence)
    assert 0 <= found.low <= (c / n if n else 0.5) <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high)
    assert found.high - found.low >= wilson(c * 4, n * 4, confidence).high - wilson(c * 4, n * 4, confidence).low


@pytest.mark.parametrize("n", [10, 20, 50])
def test_wilson_covers_the_true_rate_about_as_often_as_promised(n: int) -> None:
    generator, held, times = random.Random(n), 0, 20_000
    cached = [wilson(c, n) for c in range(n + 1)]
    for _ in range(times):
        rate = generator.uniform(0.02, 0.98)
        found = cached[sum(generator.random() < rate for _ in range(n))]
        held += found.low <= rate <= found.high
    assert held / times == pytest.approx(0.95, abs=0.01)


def test_a_confidence_is_between_nothing_and_certainty() -> None:
    with pytest.raises(ValueError, match="confidence"):
        wilson(1, 2, 1.0)
    with pytest.raises(ValueError, match="no count"):
        wilson(3, 2)


@given(trials(most=30))
def test_agreement_is_the_share_of_pairs_of_trials_that_end_alike(drawn: tuple[int, int, int]) -> None:
    n, c, _ = drawn
    pairs = list(itertools.combinations([True] * c + [False] * (n - c), 2))
    expected = sum(one == other for one, other in pairs) / len(pairs) if pairs else None
    assert agreement(n, c) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (30, 2.0423), (120, 1.9799)]
)
def test_student_gives_the_values_of_the_tables(freedom: int, t: float) -> None:
    assert student(freedom, 0.95) == pytest.approx(t, abs=5e-5)


def test_the_interval_of_a_mean_covers_it_about_as_often_as_promised() -> None:
    generator, held, times = random.Random(7), 0, 4000
    for _ in range(times):
        found = mean_of([generator.gauss(3.0, 2.0) for _ in range(5)])
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 3.0 <= found.high
    assert held / times == pytest.approx(0.95, abs=0.012)


def test_one_measurement_has_no_interval_and_none_has_no_mean() -> None:
    assert mean_of([]) is None
    one = mean_of([4.0])
    assert one is not None
    assert (one.mean, one.low, one.high, one.n) == (4.0, None, None, 1)
