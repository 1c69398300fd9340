"""Looking at how a conversation went: how long it was, how it flowed, what the agent remembered.

Words are looked for in English. Sentences that an agent only repeats after the user are not its own and never count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from practicum.api.evaluator import Evidence, Finding, TurnView
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.measures import need_a_bound, within
from practicum.scenarios.evaluators.scope import turns_of
from practicum.scenarios.evaluators.scoring import ask_score

if TYPE_CHECKING:
    from practicum.scenarios.evaluators.flow import Said

Pattern = Literal[
    "question_then_answer",
    "problem_then_solution",
    "clarification_cycle",
    "empathy_then_solution",
    "escalation_pattern",
]


class ConversationLength(BaseEvaluator, type="conversation_length", kind="guard"):
    """The conversation had so many turns. A turn is what the user says with the agent's answer."""

    min_turns: int | None = Field(default=None, ge=0)
    max_turns: int | None = Field(default=None, ge=0)
    optimal_turns: int | None = Field(default=None, ge=0)
    """Reported, not enforced."""
    target_range: tuple[int, int] | None = None
    """Reported; enforced where neither `min_turns` nor `max_turns` is given."""

    @model_validator(mode="after")
    def _bounds(self) -> ConversationLength:
        least, most = self.bounds()
        if self.optimal_turns is None or least is not None or most is not None:
            need_a_bound(least, most, "min_turns, max_turns, target_range")
        if self.target_range is not None:
            need_a_bound(*self.target_range, "target_range")
        return self

    def bounds(self) -> tuple[int | None, int | None]:
        """The least and the most that is let pass."""
        if self.min_turns is None and self.max_turns is None and self.target_range is not None:
            return self.target_range
        return self.min_turns, self.max_turns

    async def evaluate(self, evidence: Evidence) -> Finding:
        turns = evidence.turn.number if evidence.turn is not None else len(turns_of(evidence))
        broken = within(turns, *self.bounds())
        text = f"{turns} turn{'' if turns == 1 else 's'}" + (f", {broken}" if broken else "")
        details: dict[str, int | bool] = {"turns": turns}
        if self.target_range is not None:
            details["in_target_range"] = not within(turns, *self.target_range)
        if self.optimal_turns is not None:
            details["off_optimum"] = turns - self.optimal_turns
            text += f" (best would be {self.optimal_turns})"
        return Finding(not broken, text, details=details)


class ConversationFlow(BaseEvaluator, type="conversation_flow", kind="text"):
    """The conversation shows patterns: so large a share of those that are required."""

    required_patterns: tuple[Pattern, ...] = Field(min_length=1)
    flow_quality_threshold: float = Field(default=0.7, ge=0, le=1)

    async def evaluate(self, evidence: Evidence) -> Finding:
        from practicum.scenarios.evaluators.flow import PATTERNS, listen

        said = listen(turns_of(evidence))
        found = {pattern: PATTERNS[pattern](said) for pattern in self.required_patterns}
        there = [pattern for pattern, turn in found.items() if turn]
        missing = [pattern for pattern in found if pattern not in there]
        share = len(there) / len(found)
        text = f"{len(there)} of {len(found)} patterns"
        text += f", missing: {', '.join(missing)}" if missing else ""
        passed = bool(there) and share >= self.flow_quality_threshold
        return Finding(passed, text, details={"found_in_turn": {**found}, "quality": round(share, 3)})

    def echoed_by(self, words: str) -> bool:
        """Never: what an agent only repeats does not count for it."""
        return False


class ContextRetention(BaseEvaluator, type="context_retention", kind="text"):
    """The agent remembers what came up before: it says it in a later turn, in which the user does not.

    With `llm_judge` a model says how much was remembered instead.
    """

    test_memory_of: tuple[str, ...] = Field(min_length=1)
    retention_turns: int | None = Field(default=None, ge=1)
    """Within so many turns after it came up; in any later one when left out."""
    memory_accuracy_threshold: float = Field(default=0.8, ge=0, le=1)
    measurement_method: Literal["keyword_analysis", "llm_judge"] = "keyword_analysis"
    model: str = ""

    @property
    def needs_judge(self) -> bool:
        return self.measurement_method == "llm_judge"

    def echoed_by(self, words: str) -> bool:
        """Where any score of the judge's is enough: then no words fail it."""
        return self.needs_judge and self.memory_accuracy_threshold == 0

    async def evaluate(self, evidence: Evidence) -> Finding:
        from practicum.scenarios.evaluators.flow import listen

        turns = turns_of(evidence)
        if self.needs_judge:
            return await self._judged(evidence, turns)
        said = listen(turns)
        found = {item: _remembered(item, said, self.retention_turns) for item in self.test_memory_of}
        kept = [item for item, turn in found.items() if turn]
        share = len(kept) / len(found)
        lost = [item for item in found if item not in kept]
        text = f"{len(kept)} of {len(found)} remembered" + (f", not: {', '.join(lost)}" if lost else "")
        passed = bool(kept) and share >= self.memory_accuracy_threshold
        return Finding(passed, text, details={"remembered_in_turn": {**found}, "accuracy": round(share, 3)})

    async def _judged(self, evidence: Evidence, turns: list[TurnView]) -> Finding:
        if not any(turn.agent.strip() for turn in turns):
            return Finding(False, "the agent said nothing")
        within_turns = f" within {self.retention_turns} turns" if self.retention_turns else " in later turns"
        items = "; ".join(self.test_memory_of)
        question = (
            f"Which share of these things does the agent remember and use correctly{within_turns} after they came up? "
            f"1 is all of them, 0 none: {items}"
        )
        score = await ask_score(evidence, question, model=self.model)
        text = f"the judge gave {score.value:g} for memory, {self.memory_accuracy_threshold:g} is needed{score.remark}"
        return Finding(score.value >= self.memory_accuracy_threshold, text, score.events, score.details)


def _remembered(item: str, said: Sequence[Said], within_turns: int | None) -> int:
    """The turn in which the agent says something that came up before; 0 where it never does."""
    words = [_stem(word) for word in re.findall(r"\w+", item)]
    first = 0
    for turn in said:
        in_user, in_agent = _holds(turn.user, words), _holds(turn.agent, words)
        if first and in_agent and not in_user and (within_turns is None or turn.number - first <= within_turns):
            return turn.number
        if not first and (in_user or in_agent):
            first = turn.number
    return 0


def _holds(text: str, words: Sequence[str]) -> bool:
    """Whether all words of an item are said, in any form of number and at any place."""
    said = {_stem(word) for word in re.findall(r"\w+", text)}
    return bool(words) and all(word in said for word in words)


def _stem(word: str) -> str:
    """A word without the endings that only say how many or when: `duplicates`, `duplicated`."""
    plain = word.casefold()
    for ending in ("ing", "ed", "es", "s"):
        if len(plain) - len(ending) >= 4 and plain.endswith(ending):
            plain = plain.removesuffix(ending)
            break
    return plain.removesuffix("e") if len(plain) > 4 else plain
