"""Whether a conversation still moves."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Literal

from practicum.api.evaluator import TurnView

_SAME = 0.85
"""From this share of common words in a row, two messages say the same."""
_LONGEST = 200
"""Words of a message that are compared: half of them from its beginning, half from its end."""
_REMEMBERED = 20
"""Messages back."""


def nothing_new(transcript: Sequence[TurnView], speakers: Sequence[Literal["user", "agent"]], exchanges: int) -> bool:
    """Whether each of the last `exchanges` messages of each speaker repeats one that he said before, or nearly so.

    So it is stuck when A, A, A was said and when A, B, A, B was. A message without words is nothing new.
    """
    if len(transcript) <= exchanges:
        return False
    for who in speakers:
        said = [_words(turn.user if who == "user" else turn.agent) for turn in transcript]
        for at in range(len(said) - exchanges, len(said)):
            if said[at] and not any(_alike(said[at], before) for before in said[max(0, at - _REMEMBERED) : at]):
                return False
    return True


def _words(text: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    return words if len(words) <= _LONGEST else [*words[: _LONGEST // 2], *words[-_LONGEST // 2 :]]


def _alike(one: list[str], other: list[str]) -> bool:
    if one == other:
        return True
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _SAME and matcher.quick_ratio() >= _SAME and matcher.ratio() >= _SAME
