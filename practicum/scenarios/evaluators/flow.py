"""The patterns of a conversation, found by words and punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from practicum.api.evaluator import TurnView

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+|\n|$)")
_PUNCTUATION = re.compile(r"[^\w]+")

_ASKS = re.compile(
    r"^\W*(?:who|what|when|where|why|how|which|can|could|would|will|do|does|did|is|are|may|should)\b", re.IGNORECASE
)
_PROBLEM = re.compile(
    r"\b(?:problem|issue|error|bug|fail\w*|broke\w*|crash\w*|wrong|twice|duplicate\w*|overcharg\w*|charged|missing|"
    r"lost|late|delay\w*|stuck|unable|unacceptable|complain\w*|not work\w*|help)\b|n[o']t work\w*|"
    r"(?:can|could|do|does)n[o']?t|can't|cannot",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"\b(?:refund\w*|credit\w*|replac\w+|revers\w+|fix\w*|resolv\w+|solv\w+|solution|correct\w*|restor\w*|reset|"
    r"process\w*|steps?|try|follow\w*|click|go to|restart\w*|reinstall\w*|update\w*|cancel\w*|arrang\w+|"
    r"issu(?:e|ed|ing) (?:a|you|the)|"
    r"you can|you could|you should|you need to|here(?:'s| is) (?:how|what)|i(?:'ll| will| have|'ve) \w+)\b",
    re.IGNORECASE,
)
_EMPATHY = re.compile(
    r"\b(?:sorry|apolog\w+|understand\w*|appreciate your|i hear you|frustrat\w+|must be (?:hard|difficult|annoying)|"
    r"inconvenien\w+|regret|i see why|that sounds|upset\w*)\b",
    re.IGNORECASE,
)
_ESCALATES = re.compile(
    r"\b(?:escalat\w+|supervisor|manager|specialist|senior (?:agent|colleague|team)|human agent|real person|"
    r"transfer\w* you|hand\w* you over|second[- ]level|another department|connect you (?:with|to))\b",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(?:can(?:no|')t|cannot|won't|will not|unable to|refuse to|not able to|never)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """One turn, as it is listened to."""

    number: int
    user: str
    agent: str
    """Only the agent's own sentences: none that the user said before."""
    sentences: tuple[str, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """The agent's sentences that tell something."""
        return tuple(text for text in self.sentences if not text.rstrip().endswith("?") and len(text.split()) > 1)

    @property
    def questions(self) -> tuple[str, ...]:
        """The agent's sentences that ask something."""
        return tuple(text for text in self.sentences if text.rstrip().endswith("?"))


def listen(turns: Sequence[TurnView]) -> list[Said]:
    """The turns, without what an agent only repeats after the user."""
    heard: set[str] = set()
    found = []
    for number, turn in enumerate(turns, 1):
        heard |= {_plain(text) for text in (*sentences_of(turn.user), turn.user)}
        own = tuple(text for text in sentences_of(turn.agent) if _plain(text) not in heard and _plain(text))
        found.append(Said(number, turn.user, " ".join(own), own))
    return found


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, in order, with what ends them."""
    return [match[0].strip() for match in _SENTENCE.finditer(text) if match[0].strip()]


def _plain(text: str) -> str:
    return _PUNCTUATION.sub(" ", text.casefold()).strip()


def _user_asks(text: str) -> bool:
    return "?" in text or any(_ASKS.match(sentence) for sentence in sentences_of(text))


def _solves(turn: Said, after: int = 0) -> bool:
    """Whether the agent offers something to do, in a sentence that does not deny it, from its `after`th one on."""
    return any(
        _SOLUTION.search(text) and not _DENIES.search(text)
        for text in turn.sentences[after:]
        if not text.rstrip().endswith("?")
    )


def question_then_answer(said: Sequence[Said]) -> int:
    """The user asks, and the agent tells something in the same turn."""
    return next((turn.number for turn in said if _user_asks(turn.user) and turn.answers), 0)


def problem_then_solution(said: Sequence[Said]) -> int:
    """The user tells of a problem; the agent, then or later, says what is done about it."""
    known = False
    for turn in said:
        known = known or bool(_PROBLEM.search(turn.user))
        if known and _solves(turn):
            return turn.number
    return 0


def clarification_cycle(said: Sequence[Said]) -> int:
    """The agent asks back, the user answers, and the agent goes on from there."""
    for asked, answered in pairwise(said):
        if asked.questions and answered.user.strip() and answered.answers:
            return answered.number
    return 0


def empathy_then_solution(said: Sequence[Said]) -> int:
    """The agent first shows that it understands, then says what is done; in one turn or over several."""
    felt = False
    for turn in said:
        if felt and _solves(turn):
            return turn.number
        for place, text in enumerate(turn.sentences):
            if _EMPATHY.search(text):
                felt = True
                rest = text[next(iter(_EMPATHY.finditer(text))).end() :]
                if _solves(turn, place + 1) or (_SOLUTION.search(rest) and not _DENIES.search(rest)):
                    return turn.number
                break
    return 0


def escalation_pattern(said: Sequence[Said]) -> int:
    """The user has a problem, and the agent hands it to somebody who can do more."""
    known = False
    for turn in said:
        known = known or bool(_PROBLEM.search(turn.user) or _ESCALATES.search(turn.user))
        if known and any(_ESCALATES.search(text) and not _DENIES.search(text) for text in turn.sentences):
            return turn.number
    return 0


PATTERNS: dict[str, Callable[[Sequence[Said]], int]] = {
    "question_then_answer": question_then_answer,
    "problem_then_solution": problem_then_solution,
    "clarification_cycle": clarification_cycle,
    "empathy_then_solution": empathy_then_solution,
    "escalation_pattern": escalation_pattern,
}
"""Each gives the turn in which it is complete, 0 where it never is."""
