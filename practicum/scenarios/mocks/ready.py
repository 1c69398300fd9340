"""A mock made ready: its texts read, its requests known, its place among the others decided."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from practicum.scenarios.expressions import Body, Expression, parse_body, parse_expression
from practicum.scenarios.mocks.call import MockCall
from practicum.scenarios.mocks.names import plain_method, plain_service
from practicum.scenarios.mocks.patterns import is_request, read_pattern
from practicum.scenarios.mocks.routes import Route, routes_of
from practicum.scenarios.schema import Mock, When

_WEIGHTS = {"args": 10, "input": 8, "context": 6, "matcher": 4, "partial_args": 2}
"""What a condition of each kind adds. The sums of files from elsewhere were made with these, so they mean the same."""


@dataclass(frozen=True)
class ReadyMock:
    """One mock of the file."""

    index: int
    mock: Mock
    request: Route | None
    """Of a method that is written as a request."""
    matcher: Expression | None
    body: Body | None
    chance: Random
    """Whether it answers."""
    random: Random
    """What its expressions draw from."""

    @property
    def service(self) -> str:
        """Plain; empty for any."""
        return plain_service(self.mock.service) if self.mock.service else ""

    @property
    def order(self) -> tuple[int, int, bool, int, int]:
        """The more specific mock has the smaller one."""
        weight, keys = _specificity(self.mock.when)
        literal = self.request.pattern.literal if self.request else 0
        return -weight, -keys, not self.mock.service, -literal, self.index

    def route(self, call: MockCall) -> Route | None:
        """What a call over HTTP fits: the mock's own request, or one that its method's name stands for."""
        if call.http is None or not self.about(call.service):
            return None
        verb, path = call.http
        if self.request is not None:
            return self.request if self.request.pattern.match(verb, path) is not None else None
        service = plain_service(call.service)
        if service == "slack":
            path = path.lower()  # names of methods are compared without case
        found = (
            route
            for route in routes_of(service, plain_method(self.mock.method))
            if route.pattern.match(verb, path) is not None
        )
        return next(found, None)

    def about(self, service: str) -> bool:
        """Whether it is about a service."""
        return not self.service or self.service == plain_service(service)

    def named(self, call: MockCall) -> bool:
        """Whether a call by name is of its method."""
        same = plain_method(self.mock.method) == plain_method(call.method)
        return call.http is None and self.request is None and same and self.about(call.service)


def make_ready(index: int, mock: Mock, seed: int) -> ReadyMock:
    """Read what a mock says.

    Raises:
        ExpressionError: its matcher or its responseFn is none.
        UsageError: its method is half a request.
    """
    when = mock.when
    own = seed if mock.metadata.seed is None else mock.metadata.seed
    return ReadyMock(
        index,
        mock,
        Route(read_pattern(mock.method)) if is_request(mock.method) else None,
        parse_expression(when.matcher) if when is not None and when.matcher is not None else None,
        parse_body(mock.response_fn) if mock.response_fn is not None else None,
        Random(f"{own}/{index}/chance"),
        Random(f"{own}/{index}/random"),
    )


def _specificity(when: When | None) -> tuple[int, int]:
    """The sum of the conditions' weights, and how many keys and arguments they name."""
    weight = keys = 0
    for name, worth in _WEIGHTS.items():
        value = getattr(when, name, None)
        if value is None or (value in ({}, []) and name != "args"):
            continue
        weight += worth
        keys += 1 if isinstance(value, str) else _leaves(value)
    return weight, keys


def _leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(_leaves(item) for item in value.values())
    return sum(_leaves(item) for item in value) if isinstance(value, list) else 1
