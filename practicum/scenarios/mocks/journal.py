"""The log of every call that mocks were asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from practicum.bus.events import Json, MockCalled
from practicum.scenarios.schema import Mock
from practicum.scenarios.verdict import MockUse

_LONGEST_LOG = 200
"""Calls of one mock that are kept with their arguments; the later ones are counted."""
_LONGEST_TEXT = 1_000
_DEEPEST = 20


class Journal:
    """Counts calls and keeps the first of each mock."""

    def __init__(self, mocks: Sequence[Mock]) -> None:
        self._answered = [_use(index, mock.service, mock.method) for index, mock in enumerate(mocks)]
        self._others: dict[tuple[str, str, bool], MockUse] = {}

    def answered(self, event: MockCalled) -> None:
        """Note a call that a mock answered."""
        if event.mock is not None:
            _add(self._answered[event.mock], event)

    def left(self, event: MockCalled, nearest: Mock | None, *, unmatched: bool) -> None:
        """Note a call that no mock answered, under the method of the nearest one. `unmatched`: none fits it."""
        service, method = (nearest.service, nearest.method) if nearest is not None else (event.service, event.method)
        key = (service or event.service, method, unmatched)
        if key not in self._others:
            self._others[key] = _use(None, key[0], method, "unmatched" if unmatched else "")
        _add(self._others[key], event)

    def uses(self) -> list[MockUse]:
        """See `MockBook.uses`."""
        mocks = [
            use.model_copy(update={"flag": "" if use.calls else "unused", "log": list(use.log)})
            for use in self._answered
        ]
        return mocks + [use.model_copy(update={"log": list(use.log)}) for use in self._others.values()]


def _use(mock: int | None, service: str, method: str, flag: Literal["", "unmatched"] = "") -> MockUse:
    return MockUse(mock=mock, service=service, method=method, calls=0, flag=flag)


def _add(use: MockUse, event: MockCalled) -> None:
    use.calls += 1
    if len(use.log) < _LONGEST_LOG:
        use.log.append(event)


def clipped(value: Json, depth: int = 0) -> Json:
    """A value as the log keeps it: long texts are cut, with how long they were."""
    if isinstance(value, str):
        whole = len(value) <= _LONGEST_TEXT
        return value if whole else f"{value[:_LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, dict | list) and depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {key: clipped(item, depth + 1) for key, item in value.items()}
    return [clipped(item, depth + 1) for item in value] if isinstance(value, list) else value
