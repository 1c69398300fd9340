"""Reading older forms of an evaluation as what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from practicum.scenarios.evaluators.base import REGISTRY

Told = Callable[[str, str], None]
"""Takes a key of the evaluation, and how it was read."""

_OUTPUTS = {"stdout_contains": "stdout", "stderr_contains": "stderr", "output_contains": "output"}
_EXIT_CODES = ("exit_code", "exit_code_is", "exit_code_equals")
_OLDER_TYPES = {
    "contains": "string_contains",
    "text_contains": "string_contains",
    "regex": "regex_match",
    "action_called": "trajectory_contains_action",
    "llm_judgment": "llm_judge",
    "llm_evaluation": "llm_judge",
    "command_exit_code": "command_exit_code_is",
}
_OF_TEXT = ("string_contains", "regex_match")
_DURATIONS = {"max": "max_duration_ms", "min": "min_duration_ms", "target": "target_duration_ms"}


def modern_evaluation(entry: dict[str, Any], told: Told) -> dict[str, Any]:
    """The same evaluation in today's form; `entry` itself stays as it is."""
    given = entry.get("type")
    if not isinstance(given, str):
        return entry
    kind, found = _snake(given), dict(entry)
    if kind in _OUTPUTS:
        told("type", f"{given} is read as string_contains of {_OUTPUTS[kind]}")
        return {**found, "type": "string_contains", "of": _OUTPUTS[kind]}
    if kind in _EXIT_CODES:
        told("type", f"{given} is read as step_exit_code")
        return {**found, "type": "step_exit_code"}
    kind = _OLDER_TYPES.get(kind, kind)
    if kind != given and kind in REGISTRY:
        told("type", f"{given} is read as {kind}")
        found["type"] = kind
    if kind in _OF_TEXT and found.get("output") in ("stdout", "stderr", "output") and "of" not in found:
        told("output", "is read as of")
        found["of"] = found.pop("output")
    if kind == "execution_time":
        for short, key in _DURATIONS.items():
            if short in found and key not in found:
                told(short, f"is read as {key}")
                found[key] = found.pop(short)
    return found


def _snake(kind: str) -> str:
    """`llm-judge` and `llmJudge` as `llm_judge`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).replace("-", "_").lower()
