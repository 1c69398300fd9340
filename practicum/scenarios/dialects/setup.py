"""What is there before the first step, as older files have it: also at the top, or in the environment."""

from __future__ import annotations

import difflib
from typing import Any

from practicum.scenarios.dialects.reader import Reader, without_empty
from practicum.scenarios.lines import Keys

_SETUP = ("mocks", "virtual_fs", "db_seed")
_WHEN = ("args", "partialArgs", "partial_args", "input", "context", "matcher")
_METADATA = ("delay", "probability")


def modern_setup(found: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The scenario with all of it in `setup`."""
    if found.get("setup") is not None and not isinstance(found["setup"], dict):
        return found
    setup = without_empty(found.get("setup") or {}, _SETUP)
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
    return _when(_metadata(mock, keys, reader), keys, reader)


def _metadata(mock: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """How the answer comes, beside the answer."""
    metadata = {} if mock.get("metadata") is None else mock["metadata"]
    if not isinstance(metadata, dict):
        return mock
    beside = {name: mock[name] for name in _METADATA if name in mock and name not in metadata}
    for name in beside:
        reader.moved((*keys, name), (*keys, "metadata", name))
        reader.read_as((*keys, name), f"is read as metadata.{name}")
    if not beside:
        return mock
    return {**{key: held for key, held in mock.items() if key not in beside}, "metadata": {**metadata, **beside}}


def _when(mock: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
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
