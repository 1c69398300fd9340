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


class JudgmentReached(Data, type="judgment.reached"):
    """The verdict of a run."""

    outcome: Outcome
    strategy: str
    passed: int
    total: int
    summary: str
