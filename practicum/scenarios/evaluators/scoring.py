"""Asking the judge for one score from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

from practicum.api.evaluator import Evidence
from practicum.bus.events import Json
from practicum.scenarios.evaluators.asking import (
    ACTOR_FLAG,
    Object,
    Question,
    ask,
    need_score,
    prompt_for,
    settings_for,
)

_FORM = '{"reason": one sentence, "score": a number from 0 to 1}'


@dataclass(frozen=True)
class Score:
    """What the judge gave."""

    value: float
    remark: str
    """What a summary has to say besides the score; begins with a separator, or is empty."""
    events: tuple[str, ...]
    details: dict[str, Json]


def _read(answer: Object) -> tuple[float, str]:
    return need_score(answer.get("score")), str(answer.get("reason", ""))


async def ask_score(evidence: Evidence, question: str, *, model: str = "") -> Score:
    """Ask for a score.

    Raises:
        ModelError: there is no model, or it did not answer.
        UndecidedError: it gave no score, twice.
    """
    asked = Question(question, _FORM, _read)
    answer = await ask(evidence, asked, settings_for(evidence, model=model))
    value, reason = answer.value
    details: dict[str, Json] = {
        "score": value,
        "reason": reason,
        "prompt": prompt_for(evidence, asked),
        "answers": [*answer.raw],
        "model": answer.model,
        "is_actor": answer.is_actor,
    }
    if answer.is_actor:
        details["flag"] = ACTOR_FLAG
    remark = f"; {ACTOR_FLAG}" if answer.is_actor else ""
    return Score(value, remark, tuple(answer.events), details)
