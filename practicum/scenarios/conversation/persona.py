"""A user without model and without script: his lines follow from his description, by rules and a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from practicum.api.evaluator import TurnView
from practicum.scenarios.conversation.character import character_of
from practicum.scenarios.conversation.log import ConversationLog
from practicum.scenarios.conversation.words import said_word
from practicum.scenarios.schema.conversation import UserSimulator

_SOLVED = (
    "solution", "solved", "resolved", "fixed", "refund", "refunded", "credited", "completed", "it is done",
    "follow these", "these steps", "you can now", "should work now", "here is how", "here's how", "to fix this",
    "to resolve this",
)  # fmt: skip
_DOES = re.compile(
    r"\bI(?:'ve| have|'ll| will)(?: now| just| already)? (?:fix|resolv|refund|process|correct|credit|restor|reset|"
    r"chang|updat|remov|cancel|creat|added|sent|issu|complet|enabl|disabl|replac)\w*",
    re.IGNORECASE,
)
_STEPS = (re.compile(r"^[ \t]*1[.)] ", re.MULTILINE), re.compile(r"^[ \t]*2[.)] ", re.MULTILINE))
_EMPATHY = re.compile(r"\b(?:sorry|apologi[sz]e|apolog\w+|understand|frustrating|I see why)\b", re.IGNORECASE)
_COMMON = re.compile(
    r"\b(?:the|and|you|your|for|are|can|could|would|with|have|has|what|when|that|this|please|tell|about)\b"
)

_ASKS_BACK = {
    "beginner": ("Could you explain that in simple words?", "What does that mean for me?", "What do I have to do?"),
    "intermediate": ("What happens next?", "How long will that take?", "What do you need from me?"),
    "expert": ("What exactly is the cause?", "Which steps does that take, in detail?", "How was that verified?"),
}
_NO_MORE = {
    "beginner": "I am not sure, I do not know much about this.",
    "intermediate": "I do not know more than that.",
    "expert": "That is all the data that I have.",
}
_CLOSINGS = ("Thank you, that helps.", "Thanks, that works for me.", "Good, that helps. Thank you.")
_GRATEFUL = ("Thank you for your help, that helps a lot.", "Thank you so much, I appreciate it. That helps.")
_GRUDGING = ("All right. Thank you, that works.", "Fine, that helps. I will hold you to it.")
_PROTESTS = ("This is not acceptable.", "I have waited long enough.", "This should not have happened.")
_SILENCE = "Hello? Are you still there?"
_GIVES_UP = "I still have no answer. I will leave it there."
_PATIENCE = 3
"""So many answers without a question and without a solution, and he leaves."""


class PersonaUser:
    """States what he wants, answers questions with what he knows, asks back, holds to his demands, thanks, leaves.

    Deterministic: the same description, seed and answers give the same words. He goes by the agent's words, as any
    user does, so that he is content shows nothing about what was done; the evaluations do.
    """

    name = "persona"

    def __init__(self, settings: UserSimulator, log: ConversationLog | None = None) -> None:
        self._character = character_of(settings)
        level = settings.knowledge_level.strip().lower()
        self._level = level if level in _ASKS_BACK else "intermediate"
        self._log = log
        chance = random.Random(f"{settings.seed}:{settings.persona}:{settings.objective}")
        self._asks = _shuffled(_ASKS_BACK[self._level], chance)
        self._closings = {
            kind: _shuffled(kind, chance)[0] for kind in (_CLOSINGS, _GRATEFUL, _GRUDGING)
        }  # drawn at once: which is said must not depend on how the conversation goes
        self._protests = _shuffled(_PROTESTS, chance)
        self._facts = list(self._character.facts)
        self._questions = list(self._character.questions)
        self._demands = list(self._character.demands)
        self._opening = [*self._character.opening, *([self._character.wants] if self._character.wants else [])]
        self._angry = self._character.angry
        self._patience, self._silences, self._left = _PATIENCE, 0, False

    @property
    def unplayed(self) -> tuple[str, ...]:
        """Constraints that only a model could hold to."""
        return tuple(self._character.unplayed)

    @property
    def lines(self) -> tuple[str, ...]:
        """Whatever he may say."""
        told = self._character
        own = (*told.opening, told.wants, *told.facts, *told.questions, *told.demands)
        fixed = (*self._asks, *self._protests, *self._closings.values(), _NO_MORE[self._level], _SILENCE, _GIVES_UP)
        return tuple(line for line in (*own, *fixed) if line)

    async def next(self, transcript: Sequence[TurnView]) -> str | None:
        """What he says to the agent's last words; None once he has left."""
        if self._left:
            return None
        heard = transcript[-1].agent if transcript else ""
        said, why = self._answer(heard, _own_words(transcript)) if transcript else (self._begin(), "begins")
        if said and self._log is not None:
            self._log.asked(len(transcript) + 1, self.name, why, said)
        return said or None

    def _begin(self) -> str:
        opening, self._opening = self._opening, []
        return " ".join(opening) or "Hello, I need help."

    def _answer(self, heard: str, own: str) -> tuple[str, str]:
        """To the agent's last words; only its `own` can be a solution."""
        if not heard.strip():
            self._silences += 1
            self._left = self._silences > 1
            return (_GIVES_UP if self._left else _SILENCE), "the agent said nothing"
        if self._character.softens and _EMPATHY.search(heard):
            self._angry = False
        if _solves(own):
            return self._to_solution()
        parts = self._opening
        self._opening = []
        if "?" in heard:
            # "How can I help you?" is answered by what he wants; more only where it is what was asked for.
            parts = [*parts, *self._fact(heard, fitting=bool(parts))]
            why = "the agent asks"
        else:
            self._patience -= 1
            why = "the agent tells something"
            if not parts:
                parts = [self._ask_back()]
        if self._patience <= 0:
            self._left = True
            return _GIVES_UP, "no solution came"
        return self._in_his_way(parts), why

    def _to_solution(self) -> tuple[str, str]:
        if self._demands:
            return self._in_his_way([self._demands.pop(0)]), "the agent offers a solution, a demand is open"
        if self._questions:
            return self._in_his_way([self._questions.pop(0)]), "the agent offers a solution, a question is open"
        self._left = True
        if self._angry and not self._character.grateful:
            return self._closings[_GRUDGING], "the agent offers a solution"
        return self._closings[_GRATEFUL if self._character.grateful else _CLOSINGS], "the agent offers a solution"

    def _fact(self, question: str, *, fitting: bool) -> list[str]:
        """What he knows that has most words in common with the question; with `fitting`, nothing that has none."""
        asked = _content(question)
        best = max(self._facts, key=lambda fact: len(asked & _content(fact)), default="")
        if fitting and not asked & _content(best):
            return []
        if not best:
            return [_NO_MORE[self._level]]
        self._facts.remove(best)
        return [best]

    def _ask_back(self) -> str:
        if self._questions:
            return self._questions.pop(0)
        if self._facts:
            return self._facts.pop(0)
        self._asks = [*self._asks[1:], self._asks[0]]
        return self._asks[-1]

    def _in_his_way(self, parts: list[str]) -> str:
        if self._angry and self._protests and not self._character.terse:
            parts = [self._protests.pop(0), *parts]
        elif self._character.polite and not self._angry and not self._character.terse and parts[-1].endswith("?"):
            parts = [*parts[:-1], f"{parts[-1][:-1]}, please?"]
        return " ".join(parts)


def _own_words(transcript: Sequence[TurnView]) -> str:
    """The agent's last words without those sentences that it only repeats after the user."""
    from practicum.scenarios.evaluators.flow import listen, sentences_of

    text, own = transcript[-1].agent, set(listen(transcript)[-1].sentences)
    for sentence in sentences_of(text):
        if sentence not in own:
            text = text.replace(sentence, " ", 1)
    return text


def _solves(heard: str) -> bool:
    """Whether an answer reads like a solution."""
    return (
        said_word(heard, _SOLVED, happened=True) is not None
        or _DOES.search(heard) is not None
        or all(step.search(heard) for step in _STEPS)
    )


def _shuffled(lines: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(list(lines), len(lines))


def _content(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", _COMMON.sub("", text.casefold())))
