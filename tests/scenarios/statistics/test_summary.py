"""What many runs come to: outcomes kept apart, flaky cases named, two sets matched trial by trial."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from practicum.bus.events import Json, Outcome
from practicum.scenarios.statistics import Row, Summary, compare, label, pass_at_k, pass_hat_k, summarise, tally, wilson


def row(outcome: Outcome, scenario: str = "s", trial: int = 1, **more: object) -> Row:
    found = {"key": f"{scenario}.{trial}", "scenario": scenario, "trial": trial, "outcome": outcome}
    return Row.model_validate({**found, **more})


def rows(words: str, scenario: str = "s", parameters: dict[str, Json] | None = None) -> list[Row]:
    """One trial a letter: p passed, f failed, x infrastructure, i inconclusive, l limit, c cancelled."""
    names = {name[0]: name for name in get_args(Outcome)} | {"x": "infrastructure", "i": "inconclusive"}
    return [
        row(names[letter], scenario, place, parameters=parameters or {})  # type: ignore[arg-type]
        for place, letter in enumerate(words, 1)
    ]


def test_only_passed_and_failed_are_in_a_denominator() -> None:
    found = summarise(rows("ppfxxilc"))
    assert found.overall.outcomes.model_dump() == {
        "passed": 2,
        "failed": 1,
        "inconclusive": 1,
        "limit": 1,
        "infrastructure": 2,
        "cancelled": 1,
        "counted": 3,
        "apart": 5,
    }
    assert found.overall.rate == pytest.approx(2 / 3)
    assert found.overall.interval == wilson(2, 3)
    assert found.overall.at_k[-1].k == 3


def test_where_nothing_counts_there_is_no_rate() -> None:
    found = summarise(rows("xx"))
    assert found.overall.rate is None
    assert (found.overall.interval.low, found.overall.interval.high) == (0.0, 1.0)
    assert found.overall.at_k == []
    assert summarise([]).cases == []


def test_twenty_trials_of_an_agent_that_fails_at_random_give_the_closed_formulas() -> None:
    generator = random.Random(20)
    words = "".join("p" if generator.random() < 0.6 else "f" for _ in range(18)) + "xx"
    c, found = words.count("p"), summarise(rows(words)).cases[0]
    assert found.outcomes.counted == 18
    assert {item.k for item in found.at_k} >= {1, 2, 5, 10, 18}
    for item in found.at_k:
        assert item.pass_at_k == pass_at_k(18, c, item.k)
        assert item.pass_hat_k == pass_hat_k(18, c, item.k)
    assert found.interval.low <= 0.6 <= found.interval.high
    assert found.flaky


def test_the_chances_of_several_cases_are_the_means_over_those_with_enough_trials() -> None:
    found = summarise([*rows("pppp", "one"), *rows("ffxx", "two"), *rows("pf", "three")])
    at = {item.k: item for item in found.overall.at_k}
    assert (at[1].pass_at_k, at[1].cases) == (pytest.approx((1 + 0 + 0.5) / 3), 3)
    assert (at[2].pass_hat_k, at[2].cases) == (pytest.approx((1 + 0 + 0) / 3), 3)
    assert (at[4].pass_hat_k, at[4].cases) == (1.0, 1)
    assert found.flaky == ["three"]
    assert found.overall.agreement == pytest.approx((1 + 1 + 0) / 3)


def test_cases_with_other_parameters_are_other_cases_and_each_value_has_its_rate() -> None:
    found = summarise(
        [
            *rows("pp", parameters={"m": "a", "t": 1}),
            *rows("pf", parameters={"m": "b", "t": 1}),
            *rows("ff", parameters={"m": "b", "t": True}),
        ]
    )
    assert [case.parameters for case in found.cases] == [{"m": "a", "t": 1}, {"m": "b", "t": 1}, {"m": "b", "t": True}]
    assert found.flaky == ["s m=b, t=1"]
    rates = [(item.parameter, item.value, item.rate) for item in found.by_parameter]
    assert rates == [("m", "a", 1.0), ("m", "b", 0.25), ("t", 1, 0.75), ("t", True, 0.0)]


def test_means_are_of_the_runs_that_count_and_totals_of_all() -> None:
    found = summarise(
        [
            row("passed", trial=1, seconds=2.0, cost_usd=0.1, tokens=10),
            row("failed", trial=2, seconds=4.0, cost_usd=0.3, tokens=30),
            row("infrastructure", trial=3, seconds=60.0, cost_usd=1.0, tokens=5),
        ]
    )
    assert found.overall.seconds is not None
    assert (found.overall.seconds.mean, found.overall.seconds.n) == (3.0, 2)
    assert (found.total_seconds, found.total_cost_usd, found.total_tokens) == (66.0, 1.4, 45)


def test_a_summary_survives_being_written_and_read() -> None:
    found = summarise([*rows("pf", parameters={"a": [1, {"b": None}]}), *rows("x", "other")])
    assert Summary.model_validate_json(found.model_dump_json()) == found


def test_two_sets_are_matched_by_scenario_parameters_and_trial() -> None:
    a = [*rows("pppff", "one"), *rows("px", "two"), *rows("p", "gone")]
    b = [*rows("pfppf", "one"), *rows("pp", "two"), *rows("ff", "new")]
    found = compare(a, b, name_a="before", name_b="after")
    assert found.pairs.model_dump() == {"both": 3, "only_a": 1, "only_b": 1, "neither": 1}
    assert (found.not_counted, found.unmatched_a, found.unmatched_b) == (1, 1, 2)
    assert (found.difference, found.p, found.significant, found.worse) == (0.0, 1.0, False, False)
    assert (found.rate_a, found.rate_b, found.agreement) == (4 / 6, 4 / 6, pytest.approx(4 / 6))
    assert found.kappa == pytest.approx((4 / 6 - 5 / 9) / (1 - 5 / 9))
    assert (found.flaky_a, found.flaky_b) == (["one"], ["one"])
    assert [case.scenario for case in found.cases] == ["one", "two", "gone", "new"]


def test_a_difference_that_is_no_chance_is_called_one() -> None:
    found = compare(rows("pppppppp"), rows("ffffffff"))
    assert found.worse
    assert (found.difference, found.p) == (-1.0, 2 / 2**8)
    assert found.interval.high < 0
    assert not compare(rows("ffffffff"), rows("pppppppp")).worse


def test_too_few_pairs_show_nothing_and_that_is_said() -> None:
    found = compare(rows("ppp"), rows("fff"))
    assert (found.significant, found.detectable) == (False, None)
    empty = compare(rows("p", "one"), rows("p", "two"))
    assert (empty.pairs.n, empty.difference, empty.p, empty.rate_a) == (0, None, 1.0, None)


def test_trials_of_one_number_are_counted_through() -> None:
    a = [row("passed", key="x"), row("failed", key="y"), row("passed", key="z")]
    found = compare(a, rows("pff"))
    assert (found.pairs.n, found.pairs.only_a) == (3, 1)


def test_a_parameter_in_which_the_sides_differ_does_not_tell_cases_apart() -> None:
    a, b = rows("pp", parameters={"team": "solo", "m": 1}), rows("pf", parameters={"team": "full", "m": 1})
    assert compare(a, b).pairs.n == 0
    found = compare(a, b, without=["team"])
    assert (found.pairs.n, found.pairs.only_a) == (2, 1)
    assert found.cases[0].parameters == {"m": 1}


def test_what_pairs_took_is_compared_too() -> None:
    a = [row("passed", trial=n, seconds=10.0 + n, tokens=100) for n in (1, 2, 3)]
    b = [row("failed", trial=n, seconds=8.0 + n, tokens=150) for n in (1, 2, 3)]
    found = compare(a, b)
    assert found.seconds is not None
    assert (found.seconds.a, found.seconds.b, found.seconds.difference.mean) == (12.0, 10.0, -2.0)
    assert found.tokens is not None
    assert (found.tokens.difference.low, found.tokens.difference.high) == (50.0, 50.0)


def test_parameters_are_told_in_one_line() -> None:
    assert label({"run[0].input": "List\nall", "t": 0.5, "x": ["a"]}) == 'run[0].input=List all, t=0.5, x=["a"]'
    assert len(label({"p": "x" * 500})) < 70
    assert tally([]).counted == 0
