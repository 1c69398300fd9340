"""The mocks of a scenario at work."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.bus.events import MockCalled
from practicum.clock import Clock
from practicum.scenarios.mocks.call import Answered, MockAnswer, MockCall
from practicum.scenarios.mocks.names import plain_method, plain_service
from practicum.scenarios.schema import Mock
from practicum.scenarios.verdict import MockUse


class MockBook:
    """Answers calls as the mocks of a file say, deterministic for a seed and an order of calls, and keeps a log."""

    def __init__(self, mocks: Sequence[Mock], *, seed: int, clock: Clock, real: frozenset[str] = frozenset()) -> None:
        """`real` are the services that exist beside the mocks; they answer what no mock does."""
        self._mocks = tuple(mocks)
        self._seed, self._clock = seed, clock
        self._real = frozenset(plain_service(name) for name in real)
        self._log: list[MockCalled] = []

    def answer(self, call: MockCall) -> Answered:
        """What the mocks say to a call. The caller publishes the event, lets the delay pass, and answers."""
        for index, mock in enumerate(self._mocks):
            if mock.service and plain_service(mock.service) != plain_service(call.service):
                continue
            if plain_method(mock.method) == plain_method(call.method):
                event = self._event(call, index, "the only one")
                return Answered(MockAnswer(index, mock.response, mock.error, mock.status, 0.0), event)
        return Answered(None, self._event(call, None, "no mock has this method"))

    def _event(self, call: MockCall, mock: int | None, why: str) -> MockCalled:
        event = MockCalled(service=call.service, method=call.method, mock=mock, why=why, args=call.args)
        self._log.append(event)
        return event

    def uses(self) -> list[MockUse]:
        """Every mock with the calls that it answered, then the calls that none answered."""
        return [
            MockUse(mock=index, service=mock.service, method=mock.method, calls=0)
            for index, mock in enumerate(self._mocks)
        ]

    def methods(self) -> list[tuple[str, str]]:
        """Service and method of every mock that can be called by name; service is empty where the file has none."""
        return [(mock.service, mock.method) for mock in self._mocks]

    def services(self) -> list[str]:
        """The services that have mocks, as the file first names them."""
        return [mock.service for mock in self._mocks if mock.service]

    def has(self, service: str, method: str) -> bool:
        """Whether a mock has this method (`searchIssues`, or `GET /repos/acme/shop`), under whatever condition."""
        return any(plain_method(mock.method) == plain_method(method) for mock in self._mocks)
