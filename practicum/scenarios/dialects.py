"""Reading older forms of a scenario file as what they mean. Each such reading becomes a note.

The forms are those of the elizaOS scenario runner, in every period of its format.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from practicum.scenarios.lines import Keys

Told = Callable[[Keys, str], None]
"""Takes a place in the file and how it was read."""

_OUTPUTS = {"stdout_contains": "stdout", "stderr_contains": "stderr", "output_contains": "output"}
_EXIT_CODES = ("exit_code", "exit_code_is", "exit_code_equals")
_OLDER_TYPES = {
    "contains": "string_contains",
    "text_contains": "string_contains",
    "regex": "regex_match",
    "action_called": "trajectory_contains_action",
    "llm_judgment": "llm_judge",
    "command_exit_code": "command_exit_code_is",
}
_LISTS = ("evaluations", "turn_evaluations", "final_evaluations")


def modernise(value: dict[str, Any], told: Told) -> dict[str, Any]:
    """The same scenario in today's form; `value` itself stays as it is."""
    found = dict(value)
    if isinstance(found.get("run"), dict):
        found["run"] = [found["run"]]
        told(("run",), "a single step, read as a list of one")
    if isinstance(found.get("evaluations"), list):
        found["evaluations"] = _entries(found["evaluations"], ("evaluations",), told)
    if isinstance(found.get("run"), list):
        found["run"] = [
            _step(step, ("run", index), told) if isinstance(step, dict) else step
            for index, step in enumerate(found["run"])
        ]
    if "environment" in found and "judgment" not in found and "team" not in found:
        told(("run",), "no judgment is given: all evaluations must pass (strategy: all_pass)")
    if isinstance(found.get("judgment"), str):
        found["judgment"] = {"strategy": found["judgment"]}
    if isinstance(found.get("character"), dict):
        found["character"] = _character(found["character"], told)
    return found


def _character(character: dict[str, Any], told: Told) -> dict[str, Any]:
    """`llm` held what a model is asked with."""
    if not isinstance(character.get("llm"), dict):
        return character
    told(("character", "llm"), "its keys are read as the character's own")
    return {**character["llm"], **{key: value for key, value in character.items() if key != "llm"}}


def _step(step: dict[str, Any], keys: Keys, told: Told) -> dict[str, Any]:
    found = dict(step)
    if isinstance(found.get("evaluations"), list):
        found["evaluations"] = _entries(found["evaluations"], (*keys, "evaluations"), told)
    if found.get("evaluations", ()) is None:
        found["evaluations"] = []
    if "code" in found and found.get("input") == "":
        del found["input"]
    conversation = found.get("conversation")
    if isinstance(conversation, dict):
        inner = dict(conversation)
        for name in _LISTS[1:]:
            if isinstance(inner.get(name), list):
                inner[name] = _entries(inner[name], (*keys, "conversation", name), told)
        found["conversation"] = inner
    return found


def _entries(entries: list[Any], keys: Keys, told: Told) -> list[Any]:
    return [
        _evaluation(entry, (*keys, index), told) if isinstance(entry, dict) else entry
        for index, entry in enumerate(entries)
    ]


def _evaluation(entry: dict[str, Any], keys: Keys, told: Told) -> dict[str, Any]:
    kind = entry.get("type")
    if not isinstance(kind, str):
        return entry
    if kind in _OUTPUTS:
        told((*keys, "type"), f"{kind} is read as string_contains of {_OUTPUTS[kind]}")
        return {**entry, "type": "string_contains", "of": _OUTPUTS[kind]}
    if kind in _OLDER_TYPES:
        told((*keys, "type"), f"{kind} is read as {_OLDER_TYPES[kind]}")
        return {**entry, "type": _OLDER_TYPES[kind]}
    if kind in _EXIT_CODES:
        told((*keys, "type"), f"{kind} is read as step_exit_code")
        return {**entry, "type": "step_exit_code"}
    return entry
