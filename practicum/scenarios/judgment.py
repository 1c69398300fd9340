"""From evaluations to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import BaseModel

from practicum.bus.events import EvaluationClass, Json, Outcome
from practicum.scenarios.schema.scenario import Strategy

WEIGHTED_SHARE, THRESHOLD_SHARE = 0.5, 0.8
"""What `weighted` and `threshold` ask for when the file does not say."""

_Enough = Callable[[Sequence["Evaluated"]], bool]

_ROUNDING = 1e-9
"""Weights such as 0.1 have no exact sum; a share that is this near to what was asked for has reached it."""


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
    place: str = ""
    """Where it stands in the file: `run[0].evaluations[1]`."""
    weak: str = ""
    """Why it does not count although it passed, in words."""


class Judged(BaseModel):
    """What the evaluations come to."""

    outcome: Outcome
    passed: int
    total: int
    summary: str


def judge(strategy: Strategy, evaluated: Sequence[Evaluated], threshold: float | None = None) -> Judged:
    """Apply a strategy. `threshold` is the share that `weighted` (of weight) and `threshold` (of evaluations) ask for.

    For every strategy:

    - A guard that failed fails the run, whatever else was seen. A guard never makes one pass and has no vote.
    - The effects and texts vote, one vote each (`weighted`: their weight). One that passed and does not count has no
      vote: neither for nor against.
    - There is no pass without an effect or a text that passed and counts. Nothing evaluated is `inconclusive`.
    - An evaluation that could not look makes the run `inconclusive` where what it might have seen could change the
      outcome. A guard that could not look stands in the way of every pass, since it has not seen that nothing happened.
    """
    tally = _Tally(evaluated)
    if tally.broken_guards:
        first = tally.broken_guards[0]
        return tally.result("failed", f"{first.evaluator}: {first.summary}")
    if not tally.positive:
        return tally.result("inconclusive", tally.why_nothing())
    judged = _shares(strategy, tally, threshold)
    if judged.outcome != "passed":
        return judged
    if tally.blind_guards:
        return tally.result("inconclusive", _blind(tally.blind_guards[0]))
    return judged


class _Tally:
    """The evaluations, sorted by what they can do."""

    def __init__(self, evaluated: Sequence[Evaluated]) -> None:
        guards = [item for item in evaluated if item.kind == "guard"]
        self.all = evaluated
        self.broken_guards = [item for item in guards if item.outcome == "failed"]
        self.blind_guards = [item for item in guards if item.outcome == "error"]
        self.positive = [item for item in evaluated if item.kind != "guard"]
        self.shown = [item for item in self.positive if item.outcome == "passed" and item.counts]
        self.weak = [item for item in self.positive if item.outcome == "passed" and not item.counts]
        self.failed = [item for item in self.positive if item.outcome == "failed"]
        self.blind = [item for item in self.positive if item.outcome == "error"]
        self.passed = sum(item.outcome == "passed" for item in evaluated)

    def result(self, outcome: Outcome, summary: str) -> Judged:
        return Judged(outcome=outcome, passed=self.passed, total=len(self.all), summary=summary)

    def why_nothing(self) -> str:
        """Why no evaluation shows that anything was done."""
        if not self.all:
            return "nothing was evaluated"
        if not self.positive:
            return "only guards: nothing was shown to be done"
        if self.weak:
            first = self.weak[0]
            return f"nothing that counts passed; {first.evaluator}: {first.weak or first.summary}"
        return "nothing was shown to be done"


def _blind(item: Evaluated) -> str:
    return f"{item.evaluator} could not look: {item.summary}"


def _shares(strategy: Strategy, tally: _Tally, threshold: float | None) -> Judged:
    match strategy:
        case "all_pass":
            return _all_pass(tally)
        case "any_pass":
            return _any_pass(tally)
        case "majority_pass":
            votes = len(tally.shown) + len(tally.failed) + len(tally.blind)
            text = f"{len(tally.shown)} of {votes} that count passed, more than half is needed"
            return _reached(tally, text, lambda seen: 2 * len(seen) > votes)
        case "weighted":
            share = WEIGHTED_SHARE if threshold is None else threshold
            whole = _weight([*tally.shown, *tally.failed, *tally.blind])
            text = f"weight {_weight(tally.shown):g} of {whole:g} passed, {share:.0%} is needed"
            return _reached(tally, text, lambda seen: _weight(seen) >= share * whole - _ROUNDING)
        case "threshold":
            share = THRESHOLD_SHARE if threshold is None else threshold
            votes = len(tally.shown) + len(tally.failed) + len(tally.blind)
            text = f"{len(tally.shown)} of {votes} that count passed, {share:.0%} is needed"
            return _reached(tally, text, lambda seen: len(seen) >= share * votes - _ROUNDING)


def _weight(items: Sequence[Evaluated]) -> float:
    return sum(item.weight for item in items)


def _all_pass(tally: _Tally) -> Judged:
    if tally.failed:
        names = ", ".join(item.evaluator for item in tally.failed)
        return tally.result("failed", f"{len(tally.failed)} of {len(tally.all)} evaluations failed: {names}")
    if tally.blind:
        return tally.result("inconclusive", _blind(tally.blind[0]))
    if not tally.shown:
        return tally.result("inconclusive", tally.why_nothing())
    return tally.result("passed", f"{tally.passed} of {len(tally.all)} evaluations passed")


def _any_pass(tally: _Tally) -> Judged:
    if tally.shown:
        return tally.result("passed", f"{tally.passed} of {len(tally.all)} evaluations passed, one is enough")
    if tally.blind:
        return tally.result("inconclusive", _blind(tally.blind[0]))
    if tally.failed:
        return tally.result("failed", "none of the evaluations that count passed")
    return tally.result("inconclusive", tally.why_nothing())


def _reached(tally: _Tally, text: str, enough: _Enough) -> Judged:
    """A pass where those that passed are enough; `inconclusive` where they would be with those that could not look."""
    if tally.shown and enough(tally.shown):
        return tally.result("passed", text)
    if tally.blind and enough([*tally.shown, *tally.blind]):
        return tally.result("inconclusive", f"{_blind(tally.blind[0])}; {text}")
    if not tally.failed and not tally.blind:
        return tally.result("inconclusive", tally.why_nothing())
    if enough(tally.shown):  # a share of nothing: no evaluation had to pass, so none shows anything
        return tally.result("inconclusive", "nothing was shown to be done")
    return tally.result("failed", text)
