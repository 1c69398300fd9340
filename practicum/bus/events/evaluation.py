"""`evaluation.*` and `judgment.*`: what was looked at, and the verdict."""

from __future__ import annotations

from typing import Literal

from practicum.bus.events.base import Data, Json
from practicum.bus.events.run import Outcome

EvaluationClass = Literal["effect", "text", "guard"]


class EvaluationCompleted(Data, type="evaluation.completed"):
    """One evaluator has looked."""

    index: int
    evaluator: str
    kind: EvaluationClass
    outcome: Literal["passed", "failed", "error"]
    summary: str
    evidence: tuple[str, ...] = ()
    """Ids of the events it rests on."""
    details: dict[str, Json] = {}
    step: int | None = None
    """The step that it belongs to; None for the whole run's."""
    turn: int | None = None
    """The turn of a conversation that it was looked at after."""
    weight: float = 1.0
    counts: bool = True
    """Whether it can make a run pass. One that passed and does not count shows nothing: the user's own words satisfy
    it, or what it looks at was there before."""


class JudgmentReached(Data, type="judgment.reached"):
    """The verdict of a run."""

    outcome: Outcome
    strategy: str
    passed: int
    total: int
    summary: str
