"""Reading older forms of a scenario file as what they mean. Each such reading becomes a note.

The forms are those of the elizaOS scenario runner, in every period of its format and of its documentation.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any, Protocol

from practicum.models.registry import vendored
from practicum.scenarios.evaluators.dialects import modern_evaluation
from practicum.scenarios.lines import Keys
from practicum.text import shown

_LISTS = ("evaluations", "turn_evaluations", "final_evaluations")
_SETUP = ("mocks", "virtual_fs", "db_seed")
_WHEN = ("args", "partialArgs", "partial_args", "input", "context", "matcher")
_TIMEOUTS = {"timeout_per_turn": "timeout_per_turn_ms", "total_timeout": "total_timeout_ms"}
_MESSAGES = ("", "send_message", "message", "input")
_MANY_MS = 10_000
"""A bare `timeout` from here on was meant in milliseconds: as seconds it would be hours for one step."""


class Reader(Protocol):
    """Takes down how a file was read."""

    def read_as(self, keys: Keys, how: str) -> None:
        """A place in the file, and how it was read."""

    def moved(self, old: Keys, new: Keys) -> None:
        """What stands at one place in the file is read at another."""


def modernise(value: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The same scenario in today's form; `value` itself stays as it is."""
    found = dict(value)
    if isinstance(found.get("run"), dict):
        found["run"] = [found["run"]]
        reader.moved(("run",), ("run", 0))
        reader.read_as(("run",), "a single step, read as a list of one")
    if isinstance(found.get("evaluations"), list):
        found["evaluations"] = _entries(found["evaluations"], ("evaluations",), reader)
    if isinstance(found.get("run"), list):
        found["run"] = [
            _step(step, ("run", index), reader) if isinstance(step, dict) else step
            for index, step in enumerate(found["run"])
        ]
    if "environment" in found and "judgment" not in found and "team" not in found:
        reader.read_as(("run",), "no judgment is given: all evaluations must pass (strategy: all_pass)")
    if isinstance(found.get("judgment"), str):
        found["judgment"] = {"strategy": found["judgment"]}
    if isinstance(found.get("character"), dict):
        found["character"] = _character(found["character"], reader)
    if isinstance(found.get("judge"), dict):
        found["judge"] = _with_vendor(found["judge"], ("judge",), reader)
    if isinstance(found.get("environment"), dict):
        found["environment"] = _in_milliseconds(found["environment"], ("environment",), reader)
    return _setup(found, reader)


def _setup(found: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """What is there before the first step stood at the top, or in the environment."""
    if found.get("setup") is not None and not isinstance(found["setup"], dict):
        return found
    setup = dict(found.get("setup") or {})
    places: tuple[Keys, ...] = ((), ("environment",), ("environment", "setup"))
    for place in places:
        holder = _at(found, place)
        for name in (name for name in _SETUP if name in holder and name not in setup):
            setup[name] = holder[name]
            found = _without(found, (*place, name))
            reader.moved((*place, name), ("setup", name))
            reader.read_as((*place, name), f"is read as setup.{name}")
    if _at(found, ("environment",)).get("setup", ()) in ({}, None):
        found = _without(found, ("environment", "setup"))
    if isinstance(setup.get("mocks"), list):
        setup["mocks"] = [
            _mock(mock, ("setup", "mocks", index), reader) if isinstance(mock, dict) else mock
            for index, mock in enumerate(setup["mocks"])
        ]
    return {**found, "setup": setup} if setup or "setup" in found else found


def _at(value: dict[str, Any], place: Keys) -> dict[str, Any]:
    """The mapping at a place; an empty one where there is none."""
    held: Any = value
    for key in place:
        held = held.get(key) if isinstance(held, dict) else None
    return held if isinstance(held, dict) else {}


def _without(value: dict[str, Any], place: Keys) -> dict[str, Any]:
    """The same without one key; nothing of the file is changed."""
    key, rest = place[0], place[1:]
    if rest:
        return {**value, str(key): _without(value[str(key)], rest)}
    return {name: held for name, held in value.items() if name != key}


def _mock(mock: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """`when` named keys of the input directly: left out, the mock would answer every call."""
    when = mock.get("when")
    if not isinstance(when, dict) or not isinstance(when.get("input", {}), dict):
        return mock
    direct = {
        key: held
        for key, held in when.items()
        if isinstance(key, str)
        and isinstance(held, str | int | float)
        and key not in when.get("input", {})
        and not difflib.get_close_matches(key, _WHEN, 1)
    }
    for key in direct:
        reader.moved((*keys, "when", key), (*keys, "when", "input", key))
        reader.read_as((*keys, "when", key), f"is read as when.input.{key}")
    if not direct:
        return mock
    kept = {key: held for key, held in when.items() if key not in direct}
    return {**mock, "when": {**kept, "input": {**when.get("input", {}), **direct}}}


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
    return _with_vendor(found, keys, reader)


def _of_a_vendor(llm: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """Older files name models of any vendor there; one that cannot be asked chooses nothing."""
    given = llm.get("model")
    if not isinstance(given, str) or not given or "/" in given or given == "human" or vendored(given) != given:
        return llm
    reader.read_as((*keys, "model"), f"{shown(given)} names no vendor, so it chooses no model: --model does")
    return {key: held for key, held in llm.items() if key != "model"}


def _with_vendor(holder: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """`gpt-4` and `claude-3` said their vendor without naming it."""
    given = holder.get("model")
    if not isinstance(given, str) or (full := vendored(given)) == given:
        return holder
    reader.read_as((*keys, "model"), f"{given} is read as {full}")
    return {**holder, "model": full}


def _in_milliseconds(holder: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    given = holder.get("timeout")
    if isinstance(given, bool) or not isinstance(given, int) or given < _MANY_MS:
        return holder
    reader.read_as(
        (*keys, "timeout"), f"{given} is read as milliseconds, {given / 1000:g} s (write {given}s for seconds)"
    )
    return {**holder, "timeout": f"{given}ms"}


def _step(step: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    found = _in_milliseconds(step, keys, reader)
    found = _said(dict(found), keys, reader)
    if isinstance(found.get("evaluations"), list):
        found["evaluations"] = _entries(found["evaluations"], (*keys, "evaluations"), reader)
    if found.get("evaluations", ()) is None:
        found["evaluations"] = []
    if "code" in found and found.get("input") == "":
        del found["input"]
    if isinstance(found.get("conversation"), dict):
        found["conversation"] = _conversation(found["conversation"], (*keys, "conversation"), reader)
    return found


def _said(step: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """`action: send_message` with its `content` was a step's input."""
    action = step.get("action", "")
    if any(key in step for key in ("input", "code", "say")) or not isinstance(step.get("content"), str):
        return step
    if not isinstance(action, str) or action.lower() not in _MESSAGES:
        return step
    reader.moved((*keys, "content"), (*keys, "input"))
    reader.read_as((*keys, "content"), "is read as input")
    step["input"] = step.pop("content")
    step.pop("action", None)
    return step


def _conversation(talk: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    found = dict(talk)
    for old, new in _TIMEOUTS.items():
        if old in found and new not in found:
            found[new] = found.pop(old)
            reader.moved((*keys, old), (*keys, new))
            reader.read_as((*keys, old), f"is read as {new}")
    for name in _LISTS[1:]:
        if isinstance(found.get(name), list):
            found[name] = _entries(found[name], (*keys, name), reader)
    if isinstance(found.get("user_simulator"), dict):
        found["user_simulator"] = _with_vendor(found["user_simulator"], (*keys, "user_simulator"), reader)
    return found


def _entries(entries: list[Any], keys: Keys, reader: Reader) -> list[Any]:
    return [
        modern_evaluation(entry, _told(reader, (*keys, index))) if isinstance(entry, dict) else entry
        for index, entry in enumerate(entries)
    ]


def _told(reader: Reader, keys: Keys) -> Callable[[str, str], None]:
    """Takes a key of the entry at a place, and how it was read."""
    return lambda key, how: reader.read_as((*keys, key), how)
