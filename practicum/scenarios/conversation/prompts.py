"""A conversation as data for a model: nothing in it can pass for an instruction, nor for somebody else's words."""

from __future__ import annotations

import json
from collections.abc import Sequence

from practicum.api.evaluator import TurnView

_LONGEST = 12_000
"""Characters of one message; the middle of a longer one is left out."""


def as_lines(transcript: Sequence[TurnView]) -> str:
    """The messages in order, one JSON object a line: `{"from": "user", "text": "..."}`.

    A message is one JSON string, so whatever is in it cannot end it or begin another.
    """
    return "\n".join(
        json.dumps({"from": who, "text": _cut(text)}, ensure_ascii=False)
        for turn in transcript
        for who, text in (("user", turn.user), ("agent", turn.agent))
    )


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} [{len(text) - 2 * half} characters left out] {text[-half:]}"
