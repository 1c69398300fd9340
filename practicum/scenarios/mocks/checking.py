"""What can be said about mocks before anything runs."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.scenarios.lines import Keys
from practicum.scenarios.schema import Mock


def check_mocks(mocks: Sequence[Mock]) -> list[tuple[Keys, str, str]]:
    """What is wrong: the place below `setup.mocks`, what it is, how to mend it."""
    return []


def notes(mocks: Sequence[Mock], *, only_code_steps: bool) -> list[tuple[Keys, str]]:
    """What is allowed and cannot be meant: the place below `setup.mocks`, and what it is."""
    if mocks and only_code_steps:
        return [((), "no step has an agent, so no mock can fire")]
    return []
