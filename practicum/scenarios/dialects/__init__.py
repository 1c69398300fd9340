"""Reading older forms of a scenario file as what they mean. Each such reading becomes a note.

The forms are those of the elizaOS scenario runner, in every period of its format and of its documentation.
"""

from __future__ import annotations

from typing import Any

from practicum.models.registry import vendored
from practicum.scenarios.dialects.reader import (
    Reader,
    in_milliseconds,
    one_as_list,
    renamed,
    with_vendor,
    without_empty,
)
from practicum.scenarios.dialects.setup import modern_setup
from practicum.scenarios.dialects.steps import modern_step, with_evaluations
from practicum.scenarios.lines import Keys
from practicum.text import shown

__all__ = ["Reader", "modernise"]

_MAY_BE_EMPTY = ("description", "plugins", "character", "judgment", "setup")


def modernise(value: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The same scenario in today's form; `value` itself stays as it is."""
    found = without_empty(value, _MAY_BE_EMPTY)
    if isinstance(found.get("steps"), list):
        found = renamed(found, {"steps": "run"}, (), reader)
    found = with_evaluations(one_as_list(found, "run", (), reader, "step"), "evaluations", (), reader)
    if isinstance(found.get("run"), list):
        found["run"] = [
            modern_step(step, ("run", index), reader) if isinstance(step, dict) else step
            for index, step in enumerate(found["run"])
        ]
    if "environment" in found and "judgment" not in found and "team" not in found:
        reader.read_as(("run",), "no judgment is given: all evaluations must pass (strategy: all_pass)")
    if isinstance(found.get("judgment"), str):
        found["judgment"] = {"strategy": found["judgment"]}
    if isinstance(found.get("judgment"), dict):
        found["judgment"] = _judgment(found["judgment"], reader)
    if isinstance(found.get("character"), dict):
        found["character"] = _character(found["character"], reader)
    if isinstance(found.get("judge"), dict):
        found["judge"] = with_vendor(found["judge"], ("judge",), reader)
    return modern_setup(_environment(found, reader), reader)


def _judgment(judgment: dict[str, Any], reader: Reader) -> dict[str, Any]:
    given = judgment.get("strategy")
    if not isinstance(given, str) or (plain := given.strip().lower().replace("-", "_")) == given:
        return judgment
    reader.read_as(("judgment", "strategy"), f"{shown(given)} is read as {plain}")
    return {**judgment, "strategy": plain}


def _environment(found: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """There is one; a list of one is that one."""
    given = found.get("environment")
    if isinstance(given, list) and len(given) == 1:
        reader.moved(("environment", 0), ("environment",))
        reader.read_as(("environment",), "a list of one, read as that one")
        given = given[0]
    if isinstance(given, dict):
        given = in_milliseconds(given, ("environment",), reader)
    return found if given is found.get("environment") else {**found, "environment": given}


def _character(character: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """`llm` held what a model is asked with."""
    keys: Keys = ("character",)
    found = character
    if isinstance(character.get("llm"), dict):
        reader.read_as((*keys, "llm"), "its keys are read as the character's own")
        inner = _of_a_vendor(character["llm"], (*keys, "llm"), reader)
        for key in inner:
            if key not in character:
                reader.moved((*keys, "llm", key), (*keys, key))
        found = {**inner, **{key: value for key, value in character.items() if key != "llm"}}
    return with_vendor(found, keys, reader)


def _of_a_vendor(llm: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """Older files name models of any vendor there; one that cannot be asked chooses nothing."""
    given = llm.get("model")
    if not isinstance(given, str) or not given or "/" in given or given == "human" or vendored(given) != given:
        return llm
    reader.read_as((*keys, "model"), f"{shown(given)} names no vendor, so it chooses no model: --model does")
    return {key: held for key, held in llm.items() if key != "model"}
