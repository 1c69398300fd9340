"""Looking at how content the user was in the end. It is the simulated user who says so, never the agent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding, TurnView
from practicum.bus.events import ConversationTurned
from practicum.scenarios.evaluators.base import BaseEvaluator, Keys
from practicum.scenarios.evaluators.scope import events_of, turns_of
from practicum.scenarios.evaluators.scoring import ask_score

POSITIVE = (
    "thank you", "thanks", "great", "perfect", "excellent", "wonderful", "awesome", "amazing", "helpful", "helps",
    "helped", "appreciate", "appreciated", "glad", "happy", "pleased", "satisfied", "resolved", "solved", "works",
    "good", "nice", "love", "relieved", "exactly what I needed", "clear", "kind",
)  # fmt: skip
NEGATIVE = (
    "angry", "furious", "frustrated", "frustrating", "annoyed", "annoying", "disappointed", "disappointing", "upset",
    "unacceptable", "ridiculous", "terrible", "horrible", "awful", "useless", "worst", "bad", "poor", "unhelpful",
    "waste", "confused", "confusing", "still broken", "still waiting", "not working", "complaint", "hate", "fed up",
    "unhappy", "wrong", "rude",
)  # fmt: skip
"""English words of feeling, for `sentiment_analysis`."""


class Indicators(Keys):
    """Words that show how content somebody is."""

    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


class UserSatisfaction(BaseEvaluator, type="user_satisfaction", kind="text"):
    """The user ends the conversation content: from 0 (not at all) to 1, at least so much.

    `keyword_analysis` weighs the words of `indicators`; `sentiment_analysis` those and a list of words of feeling;
    later turns weigh more in both, denied words count for the other side. `llm_judge` asks a model.
    """

    satisfaction_threshold: float = Field(default=0.7, ge=0, le=1)
    measurement_method: Literal["sentiment_analysis", "keyword_analysis", "llm_judge"] = "sentiment_analysis"
    indicators: Indicators = Indicators()
    model: str = ""

    @property
    def needs_judge(self) -> bool:
        return self.measurement_method == "llm_judge"

    def echoed_by(self, words: str) -> bool:
        """Where any score is enough: then no words fail it."""
        return self.satisfaction_threshold == 0

    async def evaluate(self, evidence: Evidence) -> Finding:
        turns = turns_of(evidence)
        if not any(turn.agent.strip() for turn in turns):
            return Finding(False, "the agent said nothing, so nobody can be content with it")
        counts = not _all_scripted(evidence, turns)
        remark = (
            "" if counts else " (the user's lines are written in the scenario: whatever the agent does, he says them)"
        )
        if self.needs_judge:
            question = (
                "How content is the user with the agent at the end of the conversation? 0 is not at all, 1 is fully. "
                "Only what the user says about it shows it, not what the agent claims."
            )
            score = await ask_score(evidence, f"{question}{self._hints()}", model=self.model)
            value, details, ids = score.value, score.details, score.events
            remark += score.remark
        else:
            positive, negative = self._words()
            value, heard = _weigh(turns, positive, negative)
            if not any(heard.values()):
                counts, remark = False, f"{remark} (nothing that the user said shows it)"
            details, ids = {"score": value, "heard": {side: [*words] for side, words in heard.items()}}, ()
        text = f"content to {value:g}, {self.satisfaction_threshold:g} is needed{remark}"
        return Finding(value >= self.satisfaction_threshold, text, ids, details, counts)

    def _words(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        given = self.indicators
        if self.measurement_method == "keyword_analysis" and (given.positive or given.negative):
            return given.positive, given.negative
        return (*given.positive, *POSITIVE), (*given.negative, *NEGATIVE)

    def _hints(self) -> str:
        given = self.indicators
        text = f" Signs of it may be: {', '.join(given.positive)}." if given.positive else ""
        return text + (f" Signs against it may be: {', '.join(given.negative)}." if given.negative else "")


def _weigh(
    turns: Sequence[TurnView], positive: Sequence[str], negative: Sequence[str]
) -> tuple[float, dict[str, list[str]]]:
    """A score from 0 to 1, and the words that made it.

    The first words of a user are said before the agent did anything, so they weigh only where there are no others.
    """
    from practicum.scenarios.conversation.words import said_word

    heard: dict[str, list[str]] = {"positive": [], "negative": []}
    for_it = against_it = 0.0
    said = turns[1:] if len(turns) > 1 else turns
    for weight, turn in enumerate(said, 1):
        rest = turn.user.replace("’", "'").casefold()
        for words, side in ((positive, "positive"), (negative, "negative")):
            for word in {word.casefold() for word in words}:
                if not _whole(rest, word):
                    continue
                good = (side == "positive") == (said_word(turn.user, [word]) is not None)
                heard["positive" if good else "negative"].append(word)
                for_it, against_it = for_it + weight * good, against_it + weight * (not good)
    if not for_it and not against_it:
        return 0.5, heard
    return round(for_it / (for_it + against_it), 3), heard


def _whole(text: str, word: str) -> bool:
    """Whether a word stands there as a whole one, denied or not."""
    return bool(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _all_scripted(evidence: Evidence, turns: Sequence[TurnView]) -> bool:
    """Whether every line of the user's stands in the scenario."""
    players = [
        event.body.simulator
        for event in events_of(evidence)
        if isinstance(event.body, ConversationTurned) and event.source not in evidence.team
    ]
    return bool(turns) and all(player in ("script", "scenario") for player in players)
