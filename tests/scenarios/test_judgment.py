"""From evaluations to a verdict: guards never pass a run, and what could not be looked at is not passed over."""

from __future__ import annotations

from typing import get_args

import pytest

from practicum.scenarios.judgment import Evaluated, judge
from practicum.scenarios.schema import Strategy


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


def with_weights(*said: str) -> list[Evaluated]:
    """`effect passed 2`, with its weight; `weak` behind it for one that does not count."""
    found = []
    for at, one in enumerate(said):
        kind, outcome, *rest = one.split()
        weak = "the user said it" if "weak" in rest else ""
        weight = next((float(word) for word in rest if word != "weak"), 1.0)
        found.append(
            Evaluated.model_validate(
                {
                    "index": at,
                    "evaluator": f"e{at}",
                    "kind": kind,
                    "outcome": outcome,
                    "summary": f"saw {at}",
                    "weight": weight,
                    "counts": not weak,
                    "weak": weak,
                }
            )
        )
    return found


STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([], "inconclusive"),
        (["guard passed"], "inconclusive"),
        (["guard error"], "inconclusive"),
        (["guard failed"], "failed"),
        (["text passed weak"], "inconclusive"),
        (["effect passed weak", "guard passed"], "inconclusive"),
        (["text passed weak", "guard failed"], "failed"),
        (["text passed weak", "effect failed"], "failed"),
        (["text passed weak", "effect passed"], "passed"),
        (["text passed weak", "text passed weak", "effect passed", "guard passed"], "passed"),
        (["effect passed", "effect passed", "guard failed"], "failed"),
        (["effect passed", "effect passed", "guard error"], "inconclusive"),
        (["effect failed", "guard error"], "failed"),
        (["effect error"], "inconclusive"),
        (["effect error", "text passed weak"], "inconclusive"),
    ],
)
def test_every_strategy_holds_the_same_rules(strategy: Strategy, said: list[str], outcome: str) -> None:
    assert judge(strategy, with_weights(*said)).outcome == outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (["effect passed", "effect failed"], "failed"),
        (["effect passed", "text passed", "effect failed"], "passed"),
        (["effect passed", "effect failed", "guard passed", "guard passed"], "failed"),
        (["effect passed", "text passed weak", "effect failed"], "failed"),
        (["effect passed", "effect passed", "effect error"], "passed"),
        (["effect passed", "effect failed", "effect error"], "inconclusive"),
        (["effect failed", "effect failed", "effect error"], "failed"),
    ],
)
def test_a_majority_is_more_than_half_of_the_effects_and_texts_that_count(said: list[str], outcome: str) -> None:
    assert judge("majority_pass", with_weights(*said)).outcome == outcome


@pytest.mark.parametrize(
    ("said", "threshold", "outcome"),
    [
        (["effect passed 3", "effect failed 1"], None, "passed"),
        (["effect passed 1", "effect failed 1"], None, "passed"),
        (["effect passed 1", "effect failed 2"], None, "failed"),
        (["effect passed 3", "effect failed 1"], 0.8, "failed"),
        (["effect passed 1", "effect failed 1 weak", "guard passed 900"], None, "passed"),
        (["effect passed 0.1", "effect passed 0.2", "effect failed 0.3"], 0.5, "passed"),
        (["effect passed 1", "effect failed 1", "effect error 1"], None, "inconclusive"),
        (["effect passed 2", "effect failed 1", "effect error 1"], None, "passed"),
        (["effect failed 3", "effect error 1"], None, "failed"),
        (["effect failed 3"], 0.0, "inconclusive"),
    ],
)
def test_weights_decide_by_their_share(said: list[str], threshold: float | None, outcome: str) -> None:
    assert judge("weighted", with_weights(*said), threshold).outcome == outcome


@pytest.mark.parametrize(
    ("passed", "failed", "errors", "threshold", "outcome"),
    [
        (4, 1, 0, None, "passed"),
        (3, 1, 0, None, "failed"),
        (3, 1, 0, 0.75, "passed"),
        (3, 0, 1, None, "inconclusive"),
        (8, 1, 1, None, "passed"),
        (1, 2, 1, None, "failed"),
        (2, 0, 0, 1.0, "passed"),
        (0, 2, 0, 0.0, "inconclusive"),
    ],
)
def test_a_threshold_asks_for_a_share_of_the_evaluations(
    passed: int, failed: int, errors: int, threshold: float | None, outcome: str
) -> None:
    said = ["effect passed"] * passed + ["effect failed"] * failed + ["effect error"] * errors
    assert judge("threshold", with_weights(*said), threshold).outcome == outcome


def test_the_summary_of_a_share_says_what_was_reached_and_what_is_needed() -> None:
    mixed = with_weights("effect passed 3", "effect failed 1", "text passed weak")
    assert judge("majority_pass", mixed).summary == "1 of 2 that count passed, more than half is needed"
    assert judge("weighted", mixed).summary == "weight 3 of 4 passed, 50% is needed"
    assert judge("threshold", mixed).summary == "1 of 2 that count passed, 80% is needed"
    weak = with_weights("text passed weak")
    assert judge("all_pass", weak).summary == "nothing that counts passed; e0: the user said it"
