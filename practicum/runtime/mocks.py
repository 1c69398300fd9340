"""The mocks of a run: which of them apply, and the desk at which the proctor asks for their answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from practicum.bus.events import Data, MockCalled
from practicum.clock import Clock, WallClock
from practicum.errors import LeaseError, UsageError
from practicum.proctor.charter import MOCKS
from practicum.proctor.control import MockAsked, MockFault, MockReply
from practicum.proctor.voice import SOURCE as PROCTOR
from practicum.scenarios.mocks import MockAnswer, MockBook, MockCall
from practicum.scenarios.mocks.names import plain_method, plain_service
from practicum.scenarios.mocks.routes import routes_of
from practicum.scenarios.verdict import MockUse

if TYPE_CHECKING:
    from practicum.runtime.plan import Plan

Publish = Callable[[Data, str | None], Awaitable[str]]

MAXIMUM_ANSWER = 900 * 1024
"""Bytes of an answer: it must fit a message of any bus (1 MiB by default)."""
MAXIMUM_RECORDED = 256 * 1024
"""Bytes of a call's arguments in the record."""


@dataclass(frozen=True)
class RunMocks:
    """The mocks that apply in one run."""

    book: MockBook
    wire: tuple[str, ...]
    """Services of the world whose calls are put to mocks first."""
    methods: tuple[tuple[str, str], ...]
    """Service and method of what agents call by name; the service is empty where the file names none."""
    off: frozenset[int] = frozenset()
    """Places in `setup.mocks` of those that do not apply, because their service is live."""

    @property
    def services(self) -> list[str]:
        """As `practicum.proctor.control.Open.mocked` has them."""
        return [*self.wire, *([MOCKS] if self.methods else [])]

    def uses(self) -> list[MockUse]:
        """What came of each mock; without those that do not apply, of which nothing is to be expected."""
        return [use for use in self.book.uses() if use.mock not in self.off]


def mocks_of(plan: Plan, clock: Clock | None = None) -> RunMocks:
    """The mocks of a plan. A service that is live has none, and with `--live` alone nothing has."""
    scenario = plan.loaded.scenario
    live = {name for name, mode in plan.modes.items() if mode == "live"} | set(plan.options.live)
    real = frozenset(plan.modes)
    book = MockBook(scenario.setup.mocks, seed=scenario.seed + plan.trial - 1, clock=clock or WallClock(), real=real)
    if "all" in live:
        return RunMocks(book, (), (), frozenset(range(len(scenario.setup.mocks))))
    off = {plain_service(name) for name in live}
    named = [plain_service(mock.service) if mock.service else "" for mock in scenario.setup.mocks]
    mocked = set(named)
    wire = tuple(name for name in plan.modes if name not in live and mocked & {name, ""})
    methods = (
        (service, method)
        for service, method in book.methods()
        if (not service or plain_service(service) not in off) and not _over_the_wire(service, method, real)
    )
    return RunMocks(
        book, wire, tuple(dict.fromkeys(methods)), frozenset(index for index, name in enumerate(named) if name in off)
    )


def _over_the_wire(service: str, method: str, real: Collection[str]) -> bool:
    """Whether a method's name stands for requests of a service of the world: an SDK sends them, no tool is needed."""
    if not service:
        return "slack" in real and "." in method  # `chat.postMessage` is no other service's
    plain = plain_service(service)
    return plain in real and bool(routes_of(plain, plain_method(method)))


class MockDesk:
    """Answers `ask launcher mock`: what a mock says to a call that the proctor has allowed.

    `step` and `turn` are facts of the run that a mock's conditions may speak of; whoever gives the steps sets them.
    """

    def __init__(self, mocks: RunMocks, roles: Mapping[str, str], publish: Publish) -> None:
        self.book = mocks.book
        self.step = -1
        """The present step, from 0; -1 before the first."""
        self.turn = 0
        """The present turn of a conversation, from 1; 0 outside of one."""
        self._methods = mocks.methods
        self._roles = roles
        self._publish = publish

    async def answer(self, asker: str, body: bytes) -> bytes:
        """`MockAsked` to `MockReply`, both as JSON; publishes `mock.called`.

        Raises:
            LeaseError: somebody else than the proctor asks. An agent's call goes through the gateway, which has looked
                at its lease and its charter.
            UsageError: the question is not one.
        """
        if asker != PROCTOR:
            raise LeaseError("mocks are asked by the proctor only", hint="call the service through the gateway")
        try:
            asked = MockAsked.model_validate_json(body)
        except ValidationError as error:
            raise UsageError(f"not a question for mocks: {error.error_count()} of its fields are wrong") from error
        if asked.http is not None and not self.book.has(asked.service, " ".join(asked.http)):
            # Every call of a service that has mocks comes here; one that none is about is no business of theirs.
            return MockReply(answered=False).model_dump_json().encode()
        done = self.book.answer(self._call(asked))
        reply = self._reply(asked, done.answer, done.event.why)
        await self._publish(self._recorded(asked, done.event, reply), asked.exchange)
        return reply.model_dump_json().encode()

    def _call(self, asked: MockAsked) -> MockCall:
        role = self._roles.get(asked.agent, "")
        return MockCall(
            service=asked.service,
            method=asked.method,
            args=tuple(asked.args),
            input=dict(asked.input),
            context={
                "agent": asked.agent,
                "role": role,
                "step": self.step,
                "turn": self.turn,
                "resource": asked.resource,
            },
            http=asked.http,
        )

    def _reply(self, asked: MockAsked, answer: MockAnswer | None, why: str) -> MockReply:
        if answer is None:
            by_name = asked.http is None
            known = [".".join(filter(None, pair)) for pair in self._methods] if by_name else []
            return MockReply(answered=False, why=why, known=[] if self._is_known(asked) else known)
        fault = answer.error
        reply = MockReply(
            answered=True,
            status=answer.status,
            value=to_jsonable_python(answer.value, serialize_unknown=True),
            error=MockFault(code=fault.code, message=fault.message, status=fault.status) if fault else None,
            delay_s=answer.delay_s,
        )
        size = len(reply.model_dump_json().encode())
        if size <= MAXIMUM_ANSWER:
            return reply
        problem = f"the answer of mock {answer.mock} has {size} bytes, at most {MAXIMUM_ANSWER} can be sent"
        return MockReply(answered=True, problem=problem, delay_s=answer.delay_s)

    def _is_known(self, asked: MockAsked) -> bool:
        wanted = (plain_service(asked.service) if asked.service else "", asked.method.lower())
        return wanted in {(plain_service(one) if one else "", method.lower()) for one, method in self._methods}

    def _recorded(self, asked: MockAsked, event: MockCalled, reply: MockReply) -> MockCalled:
        """The event with what the desk knows of the call, small enough to be recorded."""
        why = event.why
        if asked.unread:
            why += f"; its body of {asked.unread} bytes is more than mocks are shown"
        if reply.problem:
            why += f"; {reply.problem}"
        done = event.model_copy(update={"agent": asked.agent, "step": self.step, "why": why})
        size = len(done.model_dump_json().encode())
        if size <= MAXIMUM_RECORDED:
            return done
        why += f"; its arguments of {size} bytes are more than is recorded"
        return done.model_copy(update={"args": (), "input": {}, "why": why})
