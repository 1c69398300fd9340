"""Steps, their conversations and evaluations, as older files have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from practicum.scenarios.dialects.reader import (
    Reader,
    in_milliseconds,
    one_as_list,
    renamed,
    with_vendor,
    without_empty,
)
from practicum.scenarios.evaluators.dialects import modern_evaluation
from practicum.scenarios.lines import Keys

_LISTS = ("turn_evaluations", "final_evaluations")
_NAMES = {
    "timeout_per_turn": "timeout_per_turn_ms",
    "total_timeout": "total_timeout_ms",
    "userSimulator": "user_simulator",
    "terminationConditions": "termination_conditions",
    "turnEvaluations": "turn_evaluations",
    "finalEvaluations": "final_evaluations",
}
_MESSAGES = ("", "send_message", "message", "input")


def modern_step(step: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """One step in today's form."""
    found = with_evaluations(_said(in_milliseconds(step, keys, reader), keys, reader), "evaluations", keys, reader)
    if "code" in found and found.get("input") == "":
        found = without_empty({**found, "input": None}, ("input",))
    if isinstance(found.get("conversation"), dict):
        found = {**found, "conversation": _conversation(found["conversation"], (*keys, "conversation"), reader)}
    return found


def with_evaluations(holder: dict[str, Any], name: str, keys: Keys, reader: Reader) -> dict[str, Any]:
    """A mapping with its list of evaluations in today's form."""
    found = one_as_list(without_empty(holder, (name,)), name, keys, reader, "evaluation")
    if not isinstance(found.get(name), list):
        return found
    entries = [
        modern_evaluation(entry, _told(reader, (*keys, name, index))) if isinstance(entry, dict) else entry
        for index, entry in enumerate(found[name])
    ]
    return {**found, name: entries}


def _told(reader: Reader, keys: Keys) -> Callable[[str, str], None]:
    """Takes a key of the entry at a place, and how it was read."""
    return lambda key, how: reader.read_as((*keys, key), how)


def _said(step: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """`action: send_message` with its `content` was a step's input."""
    action = step.get("action", "")
    if any(key in step for key in ("input", "code", "say")) or not isinstance(step.get("content"), str):
        return step
    if not isinstance(action, str) or action.lower() not in _MESSAGES:
        return step
    return renamed({key: held for key, held in step.items() if key != "action"}, {"content": "input"}, keys, reader)


def _conversation(talk: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    found = without_empty(renamed(talk, _NAMES, keys, reader), ("termination_conditions",))
    for name in _LISTS:
        found = with_evaluations(found, name, keys, reader)
    if isinstance(found.get("termination_conditions"), list):
        found["termination_conditions"] = [
            {"type": item} if isinstance(item, str) else item for item in found["termination_conditions"]
        ]
    if isinstance(found.get("user_simulator"), dict):
        found["user_simulator"] = with_vendor(found["user_simulator"], (*keys, "user_simulator"), reader)
    return found
