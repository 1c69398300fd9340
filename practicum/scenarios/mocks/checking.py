"""What can be said about mocks before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from practicum.clock import WallClock
from practicum.errors import UsageError
from practicum.scenarios.expressions import EvaluationError, ExpressionError, parse_body, parse_expression
from practicum.scenarios.lines import Keys
from practicum.scenarios.mocks.fitting import within
from practicum.scenarios.mocks.names import plain_method, plain_service
from practicum.scenarios.mocks.patterns import is_request, read_pattern
from practicum.scenarios.mocks.routes import routes_of
from practicum.scenarios.mocks.views import CONTEXT, TIMES
from practicum.scenarios.schema import Mock, When

_ON_THE_WIRE = ("github", "discord", "slack")


def check_mocks(mocks: Sequence[Mock]) -> list[tuple[Keys, str, str]]:
    """What is wrong: the place below `setup.mocks`, what it is (with line and column in the text), how to mend it."""
    found: list[tuple[Keys, str, str]] = []
    for index, mock in enumerate(mocks):
        try:
            if is_request(mock.method):
                read_pattern(mock.method)
            elif mock.method.strip().startswith("/"):
                raise UsageError("a path without a verb", hint=f"write GET {mock.method.strip()}")
        except UsageError as error:
            found.append(((index, "method"), error.message, error.hint))
        if mock.when is not None and mock.when.matcher is not None:
            try:
                parse_expression(mock.when.matcher)
            except ExpressionError as error:
                found.append(((index, "when", "matcher"), error.message, error.hint))
        if mock.response_fn is not None:
            try:
                parse_body(mock.response_fn)
            except ExpressionError as error:
                found.append(((index, "responseFn"), error.message, error.hint))
    return found


def notes(mocks: Sequence[Mock], *, only_code_steps: bool) -> list[tuple[Keys, str]]:
    """What is allowed and can hardly be meant: the place below `setup.mocks`, and what it is."""
    if mocks and only_code_steps:
        return [((), "no step has an agent, so no mock can fire")]
    found: list[tuple[Keys, str]] = []
    for index, mock in enumerate(mocks):
        found += [((index, *keys), message) for keys, message in (*_answer(mock), *_condition(mock))]
        earlier = next((one for one in range(index) if _covers(mocks[one], mock)), None)
        if earlier is not None:
            found.append(((index,), f"never fires: setup.mocks[{earlier}] answers the same calls before it"))
    return found


def _answer(mock: Mock) -> list[tuple[Keys, str]]:
    found: list[tuple[Keys, str]] = []
    chance = mock.metadata.probability
    if mock.error is None and not mock.answers:
        found.append(((), "gives no answer, so every call that it fits gets null"))
    if mock.error is not None and mock.answers and chance == 1:
        found.append((("error",), "always comes, so the answer beside it never does; metadata.probability shares them"))
    if mock.response_fn is not None and "response" in mock.model_fields_set:
        found.append((("response",), "never comes: responseFn goes before it"))
    if chance == 0:
        found.append((("metadata", "probability"), "0: this mock never answers"))
    elif chance < 1 and mock.error is None:
        text = f"answers {chance:.0%} of the calls that it fits; failures are said with an error"
        found.append((("metadata", "probability"), text))
    if mock.error is not None and mock.error.status is not None and not 400 <= mock.error.status <= 599:
        found.append((("error", "status"), f"{mock.error.status} is no status of a failure; over HTTP it is 500"))
    service, method = plain_service(mock.service) if mock.service else "", plain_method(mock.method)
    if service in _ON_THE_WIRE and not is_request(mock.method) and not routes_of(service, method):
        text = f"no request of {service} is known by this name, so calls over HTTP do not find it, calls by name do"
        found.append((("method",), text))
    return found


def _condition(mock: Mock) -> list[tuple[Keys, str]]:
    when, found = mock.when, list[tuple[Keys, str]]()
    if when is None:
        return found
    known = (*CONTEXT, *TIMES)
    for key in when.context or {}:
        if key not in known:
            found.append((("when", "context", key), f"never holds: a call has no such fact; known: {', '.join(known)}"))
    if when.args is not None and when.partial_args is not None:
        pairs = zip(when.partial_args, when.args, strict=False)
        if len(when.partial_args) > len(when.args) or not all(within(part, whole) for part, whole in pairs):
            found.append((("when", "partialArgs"), "never holds: when.args says something else"))
    if when.args is not None and is_request(mock.method) and not _possible(mock.method, len(when.args)):
        found.append((("when", "args"), "never holds: the arguments are the path parameters, and a body after them"))
    if (constant := _constant(when)) is not None:
        word = "always holds" if constant else "never holds"
        found.append((("when", "matcher"), f"{word}: it asks for nothing of the call"))
    return found


def _possible(method: str, arguments: int) -> bool:
    try:
        holes = read_pattern(method).holes
    except UsageError:
        return True
    shortest = len(holes) - (holes[:2] == ("owner", "repo"))
    return arguments <= 1 if not holes else shortest <= arguments <= len(holes) + 1


def _constant(when: When) -> bool | None:
    """What a matcher says that looks at nothing; None for any other."""
    if when.matcher is None:
        return None
    try:
        program = parse_expression(when.matcher)
        return None if program.names else program.holds({}, clock=WallClock(), random=Random(0))
    except (ExpressionError, EvaluationError):
        return None


def _covers(one: Mock, other: Mock) -> bool:
    """Whether a mock that stands earlier leaves nothing to one that asks for the same."""
    if one.metadata.probability < 1 and not (one.error is not None and one.answers):
        return False
    services = [plain_service(mock.service) if mock.service else "" for mock in (one, other)]
    methods = [plain_method(" ".join(mock.method.split())) for mock in (one, other)]
    return services[0] == services[1] and methods[0] == methods[1] and _asked(one) == _asked(other)


def _asked(mock: Mock) -> dict[str, object]:
    """The conditions of a mock without those that say nothing."""
    said = mock.when.model_dump(exclude_none=True) if mock.when is not None else {}
    return {key: value for key, value in said.items() if key == "args" or value not in ({}, [])}
