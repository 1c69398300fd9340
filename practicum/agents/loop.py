"""The agent loop: woken by events, one model turn at a time, tool calls in parallel, idle when nothing is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic_core import to_json, to_jsonable_python

from practicum.agents.inbox import Inbox
from practicum.agents.journal import Journal
from practicum.agents.toolbox import Outcome, ToolRunner
from practicum.api.model import (
    AssistantMessage,
    Message,
    Model,
    ModelRequest,
    ModelTurn,
    ToolMessage,
    ToolRequest,
    UserMessage,
)
from practicum.bus.event import Event
from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentJoined,
    AgentWoke,
    Json,
    LimitReached,
    ModelAnswered,
    ModelRequested,
    ToolCalled,
    ToolReturned,
    Usage,
)
from practicum.errors import ModelError
from practicum.models.canonical import ContextDigest, digest_tools
from practicum.models.record import call_json

Render = Callable[[Event], str]
"""How a language model reads one event."""


@dataclass(frozen=True)
class AgentLimits:
    """Where one agent is stopped."""

    turns: int = 200
    requests: int = 1000
    repeated_calls: int = 20
    """The same call with the same arguments, in a row."""


@dataclass
class _Repetition:
    """Counts identical calls in a row."""

    last: bytes = b""
    count: int = 0

    def seen(self, request: ToolRequest) -> int:
        key = to_json([request.tool, request.args])
        self.count = self.count + 1 if key == self.last else 1
        self.last = key
        return self.count


class LimitExceeded(Exception):
    """The agent went too far; carries which limit, the value and the maximum."""

    def __init__(self, limit: str, value: float, maximum: float) -> None:
        super().__init__(f"{limit}: {value:g} of {maximum:g}")
        self.limit, self.value, self.maximum = limit, value, maximum


@dataclass
class Agent:
    """One actor of a run.

    The same loop serves live runs and replays: `inbox`, `tools` and `journal` are either the real ones or the record's.
    """

    name: str
    role: str
    system: str
    model: Model
    tools: ToolRunner
    inbox: Inbox
    journal: Journal
    render: Render
    limits: AgentLimits = field(default_factory=AgentLimits)
    temperature: float | None = None
    max_tokens: int | None = None
    asked: str = ""
    """Id of the `model.requested` that is being answered; the model's own outside calls name it as their cause."""
    _messages: list[Message] = field(default_factory=list)
    _recorded: int = 0
    _context: ContextDigest = field(default_factory=ContextDigest)
    _turn: int = 0
    _requests: int = 0
    _repetition: _Repetition = field(default_factory=_Repetition)
    _tools_digest: str = ""

    def __post_init__(self) -> None:
        self._tools_digest = digest_tools(self.tools.specs)

    async def run(self) -> None:
        """Live until the inbox closes. A failure is recorded as `agent.failed` and ends the agent, not the run."""
        names = tuple(spec.name for spec in self.tools.specs)
        await self.journal.post(AgentJoined(role=self.role, model=self.model.name, tools=names))
        while events := await self.inbox.next():
            try:
                await self._take_turn(events)
            except LimitExceeded as error:
                reached = LimitReached(limit=error.limit, of=self.name, value=error.value, maximum=error.maximum)
                await self.journal.post(reached)
                await self._fail("limit", str(error))
                return
            except ModelError as error:
                vendor = self.model.name.partition("/")[0]
                await self._fail(vendor if vendor in ("script", "process") else "model", str(error))
                return

    async def _fail(self, kind: str, error: str) -> None:
        await self.journal.store(AgentFailed(turn=self._turn, error=error, kind=kind))

    async def _take_turn(self, events: list[Event]) -> None:
        self._turn += 1
        if self._turn > self.limits.turns:
            raise LimitExceeded("turns", self._turn, self.limits.turns)
        woke = AgentWoke(turn=self._turn, events=tuple(event.id for event in events))
        cause = await self.journal.post(woke, cause=events[-1].id)
        await self.inbox.handed_over()
        items = tuple(event.model_dump(mode="json") for event in events)
        self._messages.append(UserMessage("\n".join(self.render(event) for event in events), items))
        while True:
            answer, cause = await self._ask(cause)
            self._messages.append(AssistantMessage(answer.text, answer.calls, answer.opaque))
            if not answer.calls:
                break
            results = await self._call_all(answer.calls, cause)
            self._messages.append(ToolMessage(tuple(outcome.result for outcome in results)))
        await self.journal.post(
            AgentIdled(
                turn=self._turn,
                consumed=self.inbox.consumed,
                waiting_for=answer.waiting_for,
                done=answer.stop == "done",
            ),
            cause=cause,
        )

    async def _ask(self, cause: str) -> tuple[ModelTurn, str]:
        self._requests += 1
        if self._requests > self.limits.requests:
            raise LimitExceeded("requests", self._requests, self.limits.requests)
        new = self._messages[self._recorded :]
        self._recorded = len(self._messages)
        requested = ModelRequested(
            turn=self._turn,
            request=self._requests,
            model=self.model.name,
            new_messages=tuple(_reference(message) for message in new),
            context_messages=len(self._messages),
            context_digest=self._context.of(self._messages, self.tools.specs, self.system),
            tools_digest=self._tools_digest,
        )
        asked = await self.journal.post(requested, cause=cause)
        self.asked = asked
        request = ModelRequest(self.system, self._messages, self.tools.specs, self.temperature, self.max_tokens)
        start = time.perf_counter()
        try:
            answer = await self.model.respond(request)
        except ModelError as error:
            failed = ModelAnswered(
                turn=self._turn, request=self._requests, text="", calls=(), stop="error", error=str(error)
            )
            await self.journal.post(failed, cause=asked)
            raise
        answered = ModelAnswered(
            turn=self._turn,
            request=self._requests,
            text=answer.text,
            calls=tuple(call_json(call) for call in answer.calls),
            stop=answer.stop,
            usage=Usage(**to_jsonable_python(answer.usage)),
            opaque=answer.opaque,
            ms=round((time.perf_counter() - start) * 1000, 3),
        )
        return answer, await self.journal.post(answered, cause=asked)

    async def _call_all(self, calls: Sequence[ToolRequest], cause: str) -> list[Outcome]:
        for call in calls:
            count = self._repetition.seen(call)
            if count > self.limits.repeated_calls:
                raise LimitExceeded("repeated_calls", count, self.limits.repeated_calls)
        if len(calls) == 1:
            return [await self._call(calls[0], cause)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._call(call, cause)) for call in calls]
        return [task.result() for task in tasks]

    async def _call(self, call: ToolRequest, cause: str) -> Outcome:
        effect = self.tools.effect(call.tool)
        called = ToolCalled(turn=self._turn, call=call.id, tool=call.tool, args=call.args, effect=effect)
        take = self.journal.store if effect == "once" else self.journal.post
        asked = await take(called, cause=cause)
        outcome = await self.tools.run(call, asked)
        result = outcome.result
        returned = ToolReturned(
            turn=self._turn,
            call=call.id,
            tool=call.tool,
            ok=result.ok,
            result=result.content if result.ok else None,
            error="" if result.ok else str(result.content),
            ms=round(outcome.ms, 3),
        )
        await self.journal.post(returned, cause=asked)
        return outcome


def _reference(message: Message) -> dict[str, Json]:
    """Where the record already holds a message: what came from the bus, what was answered, what tools returned."""
    match message:
        case UserMessage():
            return {"role": "user", "events": [item["id"] for item in message.items]}
        case AssistantMessage():
            return {"role": "assistant", "calls": [call.id for call in message.calls]}
        case ToolMessage():
            return {"role": "tool", "calls": [result.call for result in message.results]}
