"""From evaluations to a verdict: guards never pass a run, and what could not be looked at is not passed over."""

from __future__ import annotations

import pytest

from practicum.scenarios.judgment import Evaluated, judge


def evaluated(*said: str) -> list[Evaluated]:
    """`effect passed`, one text for each."""
    return [
        Evaluated.model_validate(
            {
                "index": at,
                "evaluator": f"e{at}",
                "kind": one.split()[0],
                "outcome": one.split()[1],
                "summary": f"saw {at}",
            }
        )
        for at, one in enumerate(said)
    ]


@pytest.mark.parametrize("strategy", ["all_pass", "any_pass"])
@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([], "inconclusive"),
        (["guard passed"], "inconclusive"),
        (["guard passed", "guard passed"], "inconclusive"),
        (["guard error"], "inconclusive"),
        (["guard failed"], "failed"),
        (["effect passed"], "passed"),
        (["text passed"], "passed"),
        (["effect failed"], "failed"),
        (["effect error"], "inconclusive"),
        (["effect passed", "guard passed"], "passed"),
        (["effect passed", "guard failed"], "failed"),
        (["effect passed", "guard error"], "inconclusive"),
        (["effect failed", "guard failed"], "failed"),
        (["effect error", "guard failed"], "failed"),
    ],
)
def test_both_strategies_agree_on(strategy: str, said: list[str], outcome: str) -> None:
    assert judge(strategy, evaluated(*said)).outcome == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "all_pass", "any_pass"),
    [
        (["effect passed", "effect failed"], "failed", "passed"),
        (["effect passed", "effect error"], "inconclusive", "passed"),
        (["effect failed", "effect error"], "failed", "inconclusive"),
        (["effect failed", "text failed"], "failed", "failed"),
        (["effect failed", "guard passed"], "failed", "failed"),
        (["effect passed", "text failed", "guard passed"], "failed", "passed"),
    ],
)
def test_the_strategies_differ_on(said: list[str], all_pass: str, any_pass: str) -> None:
    assert judge("all_pass", evaluated(*said)).outcome == all_pass
    assert judge("any_pass", evaluated(*said)).outcome == any_pass


def test_the_summary_names_what_decided() -> None:
    assert (
        judge("all_pass", evaluated("effect passed", "effect failed", "text failed")).summary
        == "2 of 3 evaluations failed: e1, e2"
    )
    assert judge("all_pass", evaluated("effect passed", "guard failed")).summary == "e1: saw 1"
    assert judge("all_pass", evaluated("effect passed", "effect error")).summary == "e1 could not look: saw 1"
    assert judge("all_pass", []).summary == "nothing was evaluated"
    assert judge("all_pass", evaluated("guard passed")).summary == "only guards: nothing was shown to be done"


def test_it_counts_what_passed() -> None:
    judged = judge("all_pass", evaluated("effect passed", "effect failed", "guard passed"))
    assert (judged.passed, judged.total) == (2, 3)
