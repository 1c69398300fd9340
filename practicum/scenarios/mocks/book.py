"""The mocks of a scenario at work."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from practicum.bus.events import Json, MockCalled
from practicum.clock import Clock
from practicum.scenarios.expressions import EvaluationError, ThrownError
from practicum.scenarios.mocks.call import Answered, MockAnswer, MockCall
from practicum.scenarios.mocks.fitting import misfit
from practicum.scenarios.mocks.journal import Journal, clipped
from practicum.scenarios.mocks.names import plain_method, plain_service
from practicum.scenarios.mocks.patterns import is_request
from practicum.scenarios.mocks.ready import ReadyMock, make_ready
from practicum.scenarios.mocks.routes import Route
from practicum.scenarios.mocks.views import View, context_of, views_of
from practicum.scenarios.mocks.wire import error_status, wire_error, wire_value
from practicum.scenarios.schema import Mock, MockError
from practicum.scenarios.verdict import MockUse


@dataclass(frozen=True)
class _Fit:
    """A mock that fits a call, and the view in which it does."""

    ready: ReadyMock
    route: Route | None
    view: View
    context: dict[str, Json]


@dataclass(frozen=True)
class _About:
    """A mock of the call's method, and the request that it is over HTTP."""

    ready: ReadyMock
    route: Route | None


class MockBook:
    """Answers calls as the mocks of a file say, deterministic for a seed and an order of calls, and keeps a log.

    Of the mocks that fit a call the most specific one answers: the sum of its conditions decides (`args` 10, `input` 8,
    `context` 6, `matcher` 4, `partialArgs` 2), then the number of keys and arguments that they name, then whether the
    mock names its service, then how much of its path is no hole, then the order of the file.
    """

    def __init__(self, mocks: Sequence[Mock], *, seed: int, clock: Clock, real: Iterable[str] | None = None) -> None:
        """`real` are the services that exist beside the mocks: a call over HTTP that no mock answers is theirs.

        Left out, every service that is called over HTTP is one.

        Raises:
            ExpressionError, UsageError: a text of a mock cannot be read; `check_mocks` says all of them with places.
        """
        self._ready = [make_ready(index, mock, seed) for index, mock in enumerate(mocks)]
        self._order = sorted(self._ready, key=lambda ready: ready.order)
        self._clock = clock
        self._real = None if real is None else frozenset(plain_service(name) for name in real)
        self._before: Counter[tuple[str, str]] = Counter()
        self._journal = Journal(mocks)

    def answer(self, call: MockCall) -> Answered:
        """What the mocks say to a call. The caller publishes the event, lets the delay pass, and answers.

        An answer of None leaves the call to the service itself; where there is none, nothing fits the call, and the
        event's `why` says what was nearest.
        """
        about, now = self._about(call), self._clock.now()
        reasons, missed = list[str](), list[int]()
        done: Answered | None = None
        for one in about:
            fit, problem = self._fit(call, one, now)
            if fit is None:
                reasons.append(f"mock {one.ready.index}: {problem}")
                continue
            mock = one.ready.mock
            fires = mock.metadata.probability >= 1 or one.ready.chance.random() < mock.metadata.probability
            if fires or (mock.error is not None and mock.answers):
                why = _why(call, fit, missed, reasons)
                done = self._answered(call, fit, why, now, fires and mock.error is not None)
                break
            missed.append(one.ready.index)
        self._before.update({_counted(one.ready) for one in about})
        return done or self._left(call, about, missed, reasons, now)

    def _left(
        self, call: MockCall, about: list[_About], missed: list[int], reasons: list[str], now: datetime
    ) -> Answered:
        """No mock answers."""
        answer = None
        if missed and self._nobody_else(call):
            why = f"{_chances(missed)}; nobody else answers this call, it got null"
            answer = MockAnswer(-1, self._empty(call), None, 200, 0.0)
        elif missed:
            why = f"{_chances(missed)}; the service itself answers"
        elif about:
            why = "; ".join(reasons[:5])
        else:
            why = f"no mock is about {_label(call)} of {call.service or 'any service'}"
        nearest = about[0].ready.mock if about else None
        event = _event(call, why, [*call.args], call.input, now)
        self._journal.left(event, nearest, unmatched=not missed)
        return Answered(answer, event)

    def _about(self, call: MockCall) -> list[_About]:
        """The mocks of the call's method, most specific first."""
        found = []
        for ready in self._order:
            route = ready.route(call)
            if route is not None or ready.named(call):
                found.append(_About(ready, route))
        return found

    def _fit(self, call: MockCall, one: _About, now: datetime) -> tuple[_Fit | None, str]:
        """The view of a call in which all conditions of a mock hold; or None, and what fails in the plainest."""
        ready, first = one.ready, ""
        before = self._before[_counted(ready)]
        for view in views_of(call, one.route.pattern if one.route else None):
            context = context_of(call, view, _label(call), before, now)
            problem = misfit(ready.mock.when, ready.matcher, view, context, self._clock, ready.random)
            if not problem:
                return _Fit(ready, one.route, view, context), ""
            first = first or problem
        return None, first

    def _nobody_else(self, call: MockCall) -> bool:
        return call.http is None or (self._real is not None and plain_service(call.service) not in self._real)

    def _empty(self, call: MockCall) -> Json:
        return {"ok": True} if call.http is not None and plain_service(call.service) == "slack" else None

    def _answered(self, call: MockCall, fit: _Fit, why: str, now: datetime, fails: bool) -> Answered:
        mock, error, value = fit.ready.mock, None, None
        if fails:
            error = mock.error
        elif fit.ready.body is not None:
            value, error, why = self._worked_out(fit, why)
        else:
            value = copy.deepcopy(mock.response)
        delay = mock.metadata.delay or 0.0
        event = _event(call, why, fit.view.args, fit.view.input, now).model_copy(
            update={
                "mock": fit.ready.index,
                "answered": "error" if error is not None else "response",
                "delay_ms": delay * 1000,
            }
        )
        self._journal.answered(event)
        return Answered(self._over_wire(call, fit, value, error, delay), event)

    def _worked_out(self, fit: _Fit, why: str) -> tuple[Json, MockError | None, str]:
        """What a `responseFn` says; where it throws or fails, the error that the call gets."""
        names: dict[str, Json] = {"args": fit.view.args, "input": fit.view.input, "context": fit.context}
        body, random = fit.ready.body, fit.ready.random
        if body is None:
            return None, None, why
        try:
            return body.evaluate(names, clock=self._clock, random=random), None, why
        except ThrownError as error:
            code, status = error.fields.get("code", error.name), error.fields.get("status")
            return (
                None,
                MockError(
                    code=code if isinstance(code, str | int) and not isinstance(code, bool) else error.name,
                    message=error.problem,
                    status=status if isinstance(status, int) and 0 <= status <= 999 else None,
                ),
                f"{why}; its responseFn throws",
            )
        except EvaluationError as error:
            message = f"setup.mocks[{fit.ready.index}].responseFn: {error.message}"
            return (
                None,
                MockError(code="MOCK_FAILED", message=message, status=500),
                f"{why}; responseFn: {error.message}",
            )

    def _over_wire(self, call: MockCall, fit: _Fit, value: Json, error: MockError | None, delay: float) -> MockAnswer:
        mock, index = fit.ready.mock, fit.ready.index
        if fit.route is None or call.http is None:
            return MockAnswer(index, value, error, error_status(error) if error else mock.status, delay)
        service = plain_service(call.service)
        if error is not None:
            status, body = wire_error(service, error)
            return MockAnswer(index, body, error, status, delay)
        status = mock.status if "status" in mock.model_fields_set else fit.route.status
        return MockAnswer(index, wire_value(service, fit.route.shape, value, call.http[1]), None, status, delay)

    def uses(self) -> list[MockUse]:
        """Every mock with the calls that it answered (`unused` where there are none), then the calls that no mock
        answered, one entry for each method (`unmatched` where none fits).
        """
        return self._journal.uses()

    def methods(self) -> list[tuple[str, str]]:
        """Service and method of every mock that can be called by name; service is empty where the file has none."""
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for ready in self._ready:
            if ready.request is None:
                key = (ready.service, plain_method(ready.mock.method))
                found.setdefault(key, (ready.mock.service, ready.mock.method.strip()))
        return [*found.values()]

    def services(self) -> list[str]:
        """The services that have mocks, each as the file first names it."""
        found: dict[str, str] = {}
        for ready in self._ready:
            if ready.service:
                found.setdefault(ready.service, ready.mock.service)
        return [*found.values()]

    def has(self, service: str, method: str) -> bool:
        """Whether a mock is about this method (`searchIssues`, or `GET /repos/acme/shop`), whatever its conditions."""
        if is_request(method):
            verb, path = method.split(None, 1)
            call = MockCall(service, method, http=(verb.upper(), path.strip()))
            return any(ready.route(call) is not None for ready in self._ready)
        call = MockCall(service, method)
        return any(ready.named(call) for ready in self._ready)


def _counted(ready: ReadyMock) -> tuple[str, str]:
    return ready.service, plain_method(ready.mock.method)


def _event(call: MockCall, why: str, args: list[Json], given: dict[str, Json], now: datetime) -> MockCalled:
    step = call.context.get("step")
    return MockCalled(
        service=call.service,
        method=_label(call),
        agent=str(call.context.get("agent") or ""),
        at=now,
        step=step if isinstance(step, int) else -1,
        why=why,
        args=tuple(clipped(item) for item in args),
        input={key: clipped(item) for key, item in given.items()},
    )


def _label(call: MockCall) -> str:
    return " ".join(call.http) if call.http is not None else call.method


def _chances(missed: list[int]) -> str:
    names = ", ".join(f"mock {index}" for index in missed)
    return f"{names} {'fits' if len(missed) == 1 else 'fit'}, but the chance did not come"


def _why(call: MockCall, fit: _Fit, missed: list[int], reasons: list[str]) -> str:
    """Why this mock."""
    when = fit.ready.mock.when
    names = {
        "args": "args",
        "partial_args": "partialArgs",
        "input": "input",
        "context": "context",
        "matcher": "matcher",
    }
    given = [word for name, word in names.items() if when is not None and getattr(when, name) is not None]
    word = "its conditions hold: " if len(given) > 1 else "its condition holds: "
    why = word + ", ".join(given) if given else "it has no conditions"
    if call.http is None and call.method != fit.ready.mock.method.strip():
        why += f"; called as {call.method}"
    if missed:
        why += f"; {_chances(missed)}"
    if reasons:
        why += f"; more specific and not fitting: {'; '.join(reasons[:3])}"
    return why
