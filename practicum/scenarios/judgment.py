"""From evaluations to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from practicum.bus.events import EvaluationClass, Json, Outcome
from practicum.scenarios.schema.scenario import Strategy


class Evaluated(BaseModel):
    """One evaluation, as the verdict and the report show it."""

    index: int
    evaluator: str
    kind: EvaluationClass
    outcome: Literal["passed", "failed", "error"]
    summary: str
    evidence: list[str] = []
    details: dict[str, Json] = {}
    step: int | None = None
    turn: int | None = None
    weight: float = 1.0
    counts: bool = True
    """See `evaluation.completed`."""


class Judged(BaseModel):
    """What the evaluations come to."""

    outcome: Outcome
    passed: int
    total: int
    summary: str


def judge(strategy: Strategy, evaluated: Sequence[Evaluated]) -> Judged:
    """Apply a strategy.

    A guard can fail a run and never pass one: without a passed evaluation that is an effect or a text there is no pass.
    Nothing evaluated is `inconclusive`, and so is an evaluation that could not look while the others do not decide: a
    guard that could not look has not seen that nothing happened, so one effect is not enough then either.
    """
    positive = [item for item in evaluated if item.kind != "guard"]
    failed = [item for item in evaluated if item.outcome == "failed"]
    errors = [item for item in evaluated if item.outcome == "error"]
    passed = sum(item.outcome == "passed" for item in evaluated)
    total = len(evaluated)
    broken_guards = [item for item in failed if item.kind == "guard"]

    def result(outcome: Outcome, summary: str) -> Judged:
        return Judged(outcome=outcome, passed=passed, total=total, summary=summary)

    if not positive:
        if broken_guards:
            return result("failed", f"{broken_guards[0].evaluator}: {broken_guards[0].summary}")
        return result(
            "inconclusive", "nothing was evaluated" if not total else "only guards: nothing was shown to be done"
        )
    if broken_guards:
        return result("failed", f"{broken_guards[0].evaluator}: {broken_guards[0].summary}")
    if strategy == "any_pass":
        blind = [item for item in errors if item.kind == "guard"]
        if blind:
            return result("inconclusive", f"{blind[0].evaluator} could not look: {blind[0].summary}")
        if any(item.outcome == "passed" for item in positive):
            return result("passed", f"{passed} of {total} evaluations passed, one is enough")
        if errors:
            return result("inconclusive", f"{errors[0].evaluator} could not look: {errors[0].summary}")
        return result("failed", "none of the evaluations passed")
    if failed:
        names = ", ".join(item.evaluator for item in failed)
        return result("failed", f"{len(failed)} of {total} evaluations failed: {names}")
    if errors:
        return result("inconclusive", f"{errors[0].evaluator} could not look: {errors[0].summary}")
    return result("passed", f"{passed} of {total} evaluations passed")
