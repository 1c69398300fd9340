"""A book of mocks from YAML, and short ways to ask it."""

from __future__ import annotations

from datetime import UTC, datetime

import yaml

from practicum.bus.events import Json
from practicum.scenarios.mocks import Answered, MockAnswer, MockBook, MockCall
from practicum.scenarios.schema import Mock


class StillClock:
    """A moment that does not pass."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def mocks(text: str) -> list[Mock]:
    """The mocks of a YAML list."""
    return [Mock.model_validate(entry) for entry in yaml.safe_load(text)]


def book(text: str, seed: int = 1, real: frozenset[str] | None = None) -> MockBook:
    """A book of a YAML list."""
    return MockBook(mocks(text), seed=seed, clock=StillClock(), real=real)


def ask(answers: MockBook, service: str, method: str, *args: Json, **given: Json) -> Answered:
    """A call by name."""
    return answers.answer(MockCall(service, method, tuple(args), dict(given), {"agent": "dev-1", "step": 0}))


def answer(answers: MockBook, service: str, method: str, *args: Json, **given: Json) -> MockAnswer:
    """The answer of a call by name that has one."""
    found = ask(answers, service, method, *args, **given).answer
    assert found is not None
    return found


def request(answers: MockBook, service: str, verb: str, path: str, **given: Json) -> MockAnswer | None:
    """The answer of a call over HTTP."""
    return answers.answer(MockCall(service, path, (), dict(given), {"agent": "dev-1"}, (verb, path))).answer
