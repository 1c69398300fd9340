"""Who takes down how a file was read, and small helps for those who read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from practicum.models.registry import vendored
from practicum.scenarios.lines import Keys

_MANY_MS = 10_000
"""A bare `timeout` from here on was meant in milliseconds: as seconds it would be hours for one step."""


class Reader(Protocol):
    """Takes down how a file was read."""

    def read_as(self, keys: Keys, how: str) -> None:
        """A place in the file, and how it was read."""

    def moved(self, old: Keys, new: Keys) -> None:
        """What stands at one place in the file is read at another."""


def without_empty(holder: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Some keys are left out where nothing stands below them: `mocks:` with every mock commented out says nothing."""
    return {key: held for key, held in holder.items() if held is not None or key not in names}


def renamed(holder: dict[str, Any], names: dict[str, str], keys: Keys, reader: Reader) -> dict[str, Any]:
    """Older names of keys as today's, where today's is not there as well."""
    found = dict(holder)
    for old, new in names.items():
        if old in found and new not in found:
            found[new] = found.pop(old)
            reader.moved((*keys, old), (*keys, new))
            reader.read_as((*keys, old), f"is read as {new}")
    return found


def one_as_list(holder: dict[str, Any], name: str, keys: Keys, reader: Reader, what: str) -> dict[str, Any]:
    """A single mapping where a list is expected."""
    if not isinstance(holder.get(name), dict):
        return holder
    reader.moved((*keys, name), (*keys, name, 0))
    reader.read_as((*keys, name), f"a single {what}, read as a list of one")
    return {**holder, name: [holder[name]]}


def with_vendor(holder: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """`gpt-4` and `claude-3` said their vendor without naming it."""
    given = holder.get("model")
    if not isinstance(given, str) or (full := vendored(given)) == given:
        return holder
    reader.read_as((*keys, "model"), f"{given} is read as {full}")
    return {**holder, "model": full}


def in_milliseconds(holder: dict[str, Any], keys: Keys, reader: Reader) -> dict[str, Any]:
    """A `timeout` that is too long to be meant in seconds."""
    given = holder.get("timeout")
    if isinstance(given, bool) or not isinstance(given, int) or given < _MANY_MS:
        return holder
    reader.read_as(
        (*keys, "timeout"), f"{given} is read as milliseconds, {given / 1000:g} s (write {given}s for seconds)"
    )
    return {**holder, "timeout": f"{given}ms"}
