"""Replay: drive the agents again, each turn with exactly the events that it was handed, tools answered from the record.

Nothing outside is called. Every agent is replayed by itself: what it was handed does not depend on how the recorded run
interleaved. Its model requests and tool calls are compared with the recorded ones, identifiers and times canonicalised.
"""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practicum.agents.boot import Boot, BusAccess, ServiceAccess
from practicum.agents.build import build_agent, build_model, tool_services
from practicum.agents.toolbox import Outcome
from practicum.agents.tools import tools_for
from practicum.api.model import Model, ToolRequest, ToolResult, ToolSpec
from practicum.api.tool import Effect
from practicum.bus.address import Address
from practicum.bus.event import Event
from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentJoined,
    AgentWoke,
    Data,
    Json,
    LimitReached,
    ModelAnswered,
    ModelRequested,
    RunStarted,
    ToolCalled,
    ToolReturned,
)
from practicum.errors import PracticumError, UsageError
from practicum.models.canonical import Canonical, canonical
from practicum.models.replay import ReplayModel
from practicum.runtime.hosts import system_prompt
from practicum.runtime.members import Planned
from practicum.runtime.mocks import mocks_of
from practicum.runtime.places import RunFolder, started_now
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.runtime.recorded_models import RecordedModels
from practicum.trajectory.reader import Recorded, Trajectory

_COMPARED = (AgentWoke, ModelRequested, ModelAnswered, AgentIdled, AgentFailed, LimitReached)


@dataclass(frozen=True)
class Divergence:
    """Where a replay did something else than the record."""

    agent: str
    turn: int
    seq: int
    what: str
    """Such as `tool git_commit`."""
    diff: tuple[str, ...]
    """Lines with `-` (recorded) or `+` (replayed) before them."""


@dataclass(frozen=True)
class Replayed:
    """The result of a replay."""

    run: str
    events: int
    """How many recorded events were compared."""
    turns: int
    divergences: tuple[Divergence, ...]

    @property
    def equal(self) -> bool:
        return not self.divergences


class _Diverged(PracticumError):
    """Carries a divergence out of the agent's loop."""

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(f"{divergence.agent} turn {divergence.turn}: {divergence.what}")
        self.divergence = divergence


class _RecordEnded(PracticumError):
    """The recorded agent was stopped here; nothing more can be compared."""


@dataclass
class _Record:
    """What one agent did, as recorded, and how far the replay has come."""

    agent: str
    woken_with: list[list[Event]] = field(default_factory=list)
    steps: list[Recorded] = field(default_factory=list)
    tools: tuple[str, ...] = ()
    """Names of those that it had."""
    called: dict[str, Recorded] = field(default_factory=dict)
    returned: dict[str, ToolReturned] = field(default_factory=dict)
    next_step: int = 0
    compared: int = 0
    turn: int = 0
    last: int = 0

    @classmethod
    def of(cls, agent: str, recorded: Sequence[Recorded]) -> _Record:
        by_id = {item.event.id: item.event for item in recorded}
        record = cls(agent)
        for item in recorded:
            if item.event.source != agent:
                continue
            body = item.event.body
            record.last = item.seq
            if isinstance(body, AgentJoined):
                record.tools = body.tools
            if isinstance(body, AgentWoke):
                missing = [one for one in body.events if one not in by_id]
                if missing:
                    raise UsageError(f"event {item.seq}: {agent} was handed {missing[0]}, which is not in the record")
                record.woken_with.append([by_id[one] for one in body.events])
            if isinstance(body, ToolCalled):
                record.called[body.call] = item
            elif isinstance(body, ToolReturned):
                record.returned[body.call] = body
            elif isinstance(body, _COMPARED):
                record.steps.append(item)
        return record

    def expect(self, data: Data) -> None:
        """Compare what the replay does with the next recorded step."""
        if isinstance(data, ToolCalled):
            self._expect_call(data)
            return
        if isinstance(data, AgentJoined | ToolReturned) or not isinstance(data, _COMPARED):
            return
        if isinstance(data, AgentWoke):
            self.turn = data.turn
        if self.next_step >= len(self.steps):
            raise _RecordEnded("the record ends here")
        item = self.steps[self.next_step]
        self.next_step += 1
        self.compared += 1
        self._compare(item, data)

    def _expect_call(self, data: ToolCalled) -> None:
        item = self.called.get(data.call)
        if item is None:
            raise _RecordEnded("the record ends here")
        self.compared += 1
        recorded = item.event.body
        if isinstance(recorded, ToolCalled) and _plain(recorded) != _plain(data):
            self._diverge(item, f"tool {data.tool}", _shown(recorded.args), _shown(data.args))

    def _compare(self, item: Recorded, data: Data) -> None:
        recorded = item.event.body
        if isinstance(recorded, ModelAnswered) and isinstance(data, ModelAnswered):
            self._compare_answers(item, recorded, data)
        elif type(recorded) is not type(data):
            self._diverge(item, f"{recorded.event_type}", [recorded.event_type], [data.event_type])
        elif _plain(recorded) != _plain(data):
            what = "the model's context" if isinstance(data, ModelRequested) else data.event_type
            self._diverge(item, what, _shown(_plain(recorded)), _shown(_plain(data)))

    def _compare_answers(self, item: Recorded, recorded: ModelAnswered, data: ModelAnswered) -> None:
        for old, new in zip(recorded.calls, data.calls, strict=False):
            if _canonical([old["tool"], old["args"]]) != _canonical([new["tool"], new["args"]]):
                if old["tool"] == new["tool"]:
                    self._diverge(item, f"tool {new['tool']}", _shown(old["args"]), _shown(new["args"]))
                self._diverge(item, f"tool {new['tool']}", [f"{old['tool']}(...)"], [f"{new['tool']}(...)"])
        for which, calls, other in (("recorded", recorded.calls, data.calls), ("replayed", data.calls, recorded.calls)):
            if len(calls) > len(other):
                name = str(calls[len(other)]["tool"])
                lines: list[str] = [f"{name}(...)"]
                old_lines, new_lines = (lines, ["nothing"]) if which == "recorded" else (["nothing"], lines)
                self._diverge(item, f"tool {name}", old_lines, new_lines)
        if _plain(recorded) != _plain(data):
            self._diverge(item, "the answer", _shown(_plain(recorded)), _shown(_plain(data)))

    def _diverge(self, item: Recorded, what: str, old: Sequence[str], new: Sequence[str]) -> None:
        lines = [
            line
            for line in difflib.unified_diff(old, new, lineterm="", n=0)
            if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        raise _Diverged(Divergence(self.agent, self.turn, item.seq, what, tuple(lines)))


_IGNORED = {"ms", "consumed", "usage"}


def _plain(data: Data) -> Json:
    value = data.model_dump(mode="json", exclude=_IGNORED)
    return _canonical(value)


def _canonical(value: Any) -> Json:
    return canonical(value, Canonical())


def _shown(value: Any) -> list[str]:
    """JSON with one key a line, long texts split into their lines."""
    if isinstance(value, dict):
        lines = []
        for key, item in value.items():
            text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            parts = text.splitlines() or [""]
            lines.append(f" {key}: {json.dumps(parts[0], ensure_ascii=False) if isinstance(item, str) else parts[0]}")
            lines += [f"   {part}" for part in parts[1:]]
        return lines
    return [f" {json.dumps(value, ensure_ascii=False)}"]


class _ReplayInbox:
    """Hands over what the record says was handed over."""

    def __init__(self, record: _Record) -> None:
        self.consumed = 0
        self._turns = iter(record.woken_with)

    async def next(self) -> list[Event]:
        return next(self._turns, [])

    async def handed_over(self) -> None:
        """Nothing to acknowledge."""


class _ReplayJournal:
    """Compares instead of publishing."""

    def __init__(self, record: _Record) -> None:
        self._record = record

    async def post(self, data: Data, *, cause: str | None = None, to: Address | None = None) -> str:
        self._record.expect(data)
        return ""

    store = post

    async def flush(self) -> None:
        """Nothing is on its way."""


class _ReplayTools:
    """Answers calls from the record."""

    def __init__(self, record: _Record, boot: Boot) -> None:
        own = tools_for(tool_services(boot))
        mocked = tools_for(tool_services(boot), boot.settings["mocks"])[len(own) :]
        # Mocked methods of a service that was live in the recorded run were no tools.
        tools = (*own, *(tool for tool in mocked if tool.name in record.tools))
        self._record = record
        self._effects: dict[str, Effect] = {tool.name: tool.effect for tool in tools}
        self.specs = tuple(ToolSpec(tool.name, tool.description, tool.schema()) for tool in tools)

    def effect(self, tool: str) -> Effect:
        return self._effects.get(tool, "read")

    async def run(self, request: ToolRequest, cause: str) -> Outcome:
        recorded = self._record.returned.get(request.id)
        if recorded is None:
            raise _RecordEnded(f"{request.tool} had not returned when the run was broken off")
        content = recorded.result if recorded.ok else recorded.error
        return Outcome(ToolResult(request.id, recorded.ok, content), recorded.ms)


async def replay(folder: RunFolder) -> Replayed:
    """Replay a run.

    Raises:
        UsageError: the scenario it was made from is gone.
        TrajectoryError: the record cannot be read.
    """
    card = folder.card()
    recorded = Trajectory(folder.path).events()
    if not recorded or not isinstance(recorded[0].event.body, RunStarted):
        raise UsageError(f"{folder.run} had not started when it was broken off: there is nothing to replay")
    if not Path(card.scenario_file).is_file():
        raise UsageError(f"{card.scenario_file} is gone", hint="replay runs the scripts beside the scenario again")
    scripted = "script/" if card.team else "script/ of a team"  # without one, a built-in script was named like a model
    # The program of a role stands in the scenario; it is not started again, its answers come from the record.
    models = tuple(
        f"{name}={model}" for name, model in card.models.items() if not model.startswith((scripted, "process/"))
    )
    plan = make_plan(
        card.scenario_file,
        Options(team=card.team, models=models, unjudged=True),
        value=folder.scenario() if card.parameters else None,
        trial=card.trial,
        parameters=card.parameters,
    )
    compared, turns, found = 0, 0, []
    async with RecordedModels([item.event for item in recorded]) as upstream:
        for agent in plan.agents:
            record = _Record.of(agent.name, recorded)
            divergence = await _replay_agent(plan, agent, record, upstream)
            compared += record.compared
            turns += len(record.woken_with)
            if divergence is not None:
                found.append(divergence)
    return Replayed(folder.run, compared, turns, tuple(sorted(found, key=lambda item: item.seq)))


async def _replay_agent(plan: Plan, agent: Planned, record: _Record, upstream: RecordedModels) -> Divergence | None:
    boot = _boot(plan, agent, upstream)
    tools, journal = _ReplayTools(record, boot), _ReplayJournal(record)
    if agent.program is not None and not any(isinstance(item.event.body, ModelAnswered) for item in record.steps):
        return None  # it was never asked, or the run was broken off before it answered
    model: Model = _recorded(agent, record) if agent.program else build_model(boot, lambda: "", tools, journal)
    ended, found = False, None
    try:
        actor = build_agent(
            boot,
            inbox=_ReplayInbox(record),
            journal=journal,
            tools=tools,
            model=model,
        )
        await actor.run()
    except* _RecordEnded:
        ended = True
    except* _Diverged as group:
        found = _first(group)
    finally:
        await model.close()
    if ended or found is not None:
        return found
    if record.next_step < len(record.steps):
        item = record.steps[record.next_step]
        return Divergence(
            agent.name, record.turn, item.seq, item.event.type, (f"- {item.event.type}", "+ the agent did nothing more")
        )
    return None


def _recorded(agent: Planned, record: _Record) -> Model:
    """The answers that a program gave, under its name."""
    model = ReplayModel("", agent=agent.name, recorded=[item.event for item in record.steps])
    model.name = agent.model_text
    return model


def _first(group: BaseExceptionGroup[_Diverged]) -> Divergence:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first.divergence


def _boot(plan: Plan, agent: Planned, upstream: RecordedModels) -> Boot:
    services = {}
    if agent.model.service:
        services[agent.model.service] = ServiceAccess(
            id="replay",
            token="replay",  # noqa: S106 - answered from the record, nothing is opened with it
            url=upstream.url(agent.name, agent.model.service),
            login=agent.name,
            name=agent.name,
            email="",
            expires=started_now(),
        )
    return Boot(
        run="replay",
        agent=agent.name,
        role=agent.kit.role,
        team=plan.roles,
        system=system_prompt(plan, agent),
        model=agent.model_text,
        script=str(agent.script.resolve()) if agent.script else "",
        wakes_on=agent.kit.wakes_on,
        tools=tuple(sorted(agent.kit.services & {*plan.modes, "shell"})),
        services=services,
        bus=BusAccess(url="", jwt="", seed="", stream="", consumer=""),
        workspace=".",
        settings={**plan.settings, "mocks": mocks_of(plan).methods},
        turns=plan.loaded.scenario.limits.turns,
        temperature=agent.temperature,
        max_tokens=agent.max_tokens,
    )


def run_replay(folder: RunFolder) -> Replayed:
    """`replay` from synchronous code."""
    return asyncio.run(replay(folder))
