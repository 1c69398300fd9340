"""A conversation written out, for people and for programs. User and agent are kept apart in both."""

from __future__ import annotations

import json
import re

from practicum.scenarios.conversation.log import without_leases
from practicum.scenarios.verdict import StepResult
from practicum.text import printable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


def to_markdown(step: StepResult) -> str:
    """As Markdown. What was said stands in fences that nothing in it can close, so it stays text."""
    title = _SPECIAL.sub(r"\\\1", printable(step.name or f"Step {step.index}", 200))
    ended = step.ended + (f": {step.reason}" if step.reason else "")
    lines = [f"# {title}", "", f"{len(step.turns)} turns, {step.seconds:.1f} s. Ended: {_code(ended)}."]
    for turn in step.turns:
        by = f" ({_code(turn.simulator)})" if turn.simulator else ""
        late = ", time was up" if turn.timed_out else ""
        lines += ["", f"## Turn {turn.turn}", "", f"**User**{by}", "", *_fenced(turn.user)]
        lines += ["", f"**Agent** ({turn.seconds:.1f} s{late})", "", *_fenced(turn.agent)]
    return without_leases("\n".join(lines) + "\n")


def to_json(step: StepResult) -> str:
    """As JSON: `{"step", "name", "ended", "reason", "seconds", "turns": [{"turn", "user", "agent", "seconds",
    "timed_out", "simulator"}]}`; seconds as numbers, from 1 the turns, from 0 the steps.
    """
    value = {
        "step": step.index,
        "name": step.name,
        "ended": step.ended,
        "reason": step.reason,
        "seconds": step.seconds,
        "turns": [turn.model_dump(mode="json") for turn in step.turns],
    }
    return without_leases(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _fenced(text: str) -> list[str]:
    plain = _CONTROL.sub("", text.replace("\r\n", "\n"))
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *plain.split("\n"), fence] if plain.strip() else ["*nothing*"]


def _code(text: str) -> str:
    return f"`{printable(text, 300).replace('`', chr(39))}`"
