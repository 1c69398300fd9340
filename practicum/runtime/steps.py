"""Giving the team what the scenario has for it: each step when its time has come, and looking at it when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from practicum.api.evaluator import StepView, TurnView
from practicum.bus.event import Event
from practicum.bus.events import Data, InputGiven, StepEnd, StepFinished, StepStarted, StepTaken
from practicum.runtime.coding import execute
from practicum.runtime.conversation import Conversed, Reply, Turned
from practicum.runtime.looking import Looker
from practicum.runtime.plan import Plan
from practicum.runtime.stepview import given_in, said_by, view_of
from practicum.runtime.team import TeamState
from practicum.scenarios.environments import Workspace
from practicum.scenarios.environments.snapshot import Snapshot, compare, take
from practicum.scenarios.schema import Step


class Speaker(Protocol):
    """Lets somebody outside the team write in a channel."""

    async def say(self, service: str, channel: str, user: str, text: str) -> None: ...


class Changes:
    """Wakes whoever waits whenever the team's state has taken an event."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Something was folded in."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds, looking again at each notification."""
        while not condition():
            await self._event.wait()


@dataclass
class Stage:
    """Where the steps take place."""

    plan: Plan
    state: TeamState
    changes: Changes
    events: Sequence[Event]
    """Those recorded so far; grows."""
    publish: Callable[[Data], Awaitable[str]]
    settle: Callable[[Data], Awaitable[None]]
    speaker: Speaker
    looker: Looker
    workspace: Workspace | None
    talk: Callable[[Step, int, Begun, Steps], Awaitable[Conversed]]
    """Holds a conversation."""
    present: Callable[[int, int], None]
    """Told of the step and turn that is on."""


@dataclass
class Begun:
    """A step that has begun."""

    index: int
    step: Step
    first: int
    """Where its events begin."""
    started: float
    before: Snapshot | None
    ended: asyncio.Event


class Steps:
    """Runs the scenario's steps in order."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._given = False
        self._awaited = ""
        self._open: dict[int, Begun] = {}
        self._halted = ""

    @property
    def over(self) -> bool:
        """Nothing more comes from here unless the team does something: all is given, or waits for a change, and all
        that was given is looked at.
        """
        return (self._given or bool(self._awaited)) and not self._open

    async def run(self) -> None:
        """Give every step: one with `after` when that change has happened, another when the one before is over."""
        stage, scenario = self._stage, self._stage.plan.loaded.scenario
        async with asyncio.TaskGroup() as group:
            before: Begun | None = None
            for index, step in enumerate(scenario.run):
                if step.after:
                    self._awaited = step.after
                    stage.changes.notify()
                    await stage.changes.until(lambda step=step: self._happened(step) or bool(self._halted))  # type: ignore[misc]
                elif before is not None:
                    await before.ended.wait()
                if self._halted:
                    break
                before = await self._begin(index, step)
                self._awaited = ""
                group.create_task(self._finish(before))
            self._given = True
            stage.changes.notify()

    async def wrap_up(self, why: str) -> None:
        """End what is open, look at it, give nothing more. Returns when all that has begun is over."""
        self._halted = why
        self._stage.changes.notify()
        for begun in list(self._open.values()):
            await begun.ended.wait()

    def _happened(self, step: Step) -> bool:
        return self._stage.state.changes.get(step.after, 0) > 0

    async def _begin(self, index: int, step: Step) -> Begun:
        stage = self._stage
        stage.present(index, 1)
        first = len(stage.events)
        before = await self._look() if step.kind != "code" else None
        begun = Begun(index, step, first, time.monotonic(), before, asyncio.Event())
        self._open[index] = begun
        await stage.settle(StepStarted(step=index, name=step.name, kind=step.kind))
        if step.say is not None:
            await stage.speaker.say(step.say.service, step.say.channel, step.say.user, step.say.text)
            await stage.settle(StepTaken(step=index, kind="say"))
        elif step.kind == "input":
            await self.give(begun, self._words(step), 1)
        return begun

    def _words(self, step: Step) -> str:
        """What a step hands over: an input with the user's brief, which an agent might repeat as well."""
        return given_in(step) + (self._stage.plan.task_suffix() if step.kind == "input" else "")

    async def give(self, begun: Begun, text: str, turn: int) -> None:
        """Hand an agent some words of the user's."""
        stage = self._stage
        stage.present(begun.index, turn)
        to = stage.plan.loaded.scenario.receiver(begun.step)
        await stage.publish(InputGiven(step=begun.index, to=to, text=text, turn=turn))
        # Until this is folded in, the team may look quiet although it was just given something to do.
        await stage.settle(StepTaken(step=begun.index, kind="input"))

    async def answered(self, begun: Begun, seconds: float) -> Reply:
        """Wait until nothing more happens by itself, at most so long; what the one that was asked wrote since."""
        stage = self._stage
        to = stage.plan.loaded.scenario.receiver(begun.step)
        first = next(
            (
                index
                for index in range(len(stage.events) - 1, -1, -1)
                if isinstance(stage.events[index].body, InputGiven)
            ),
            len(stage.events),
        )
        timed_out = not await self._quiet(seconds)
        events = stage.events[first:]
        agent = stage.state.agents.get(to)
        over = self._halted or ("the agent failed" if agent is not None and agent.failed is not None else "")
        return Reply(said_by(events, {to}), timed_out, first, len(stage.events), over)

    async def _quiet(self, seconds: float | None) -> bool:
        """Whether the team came to rest within some time."""
        stage = self._stage
        try:
            async with asyncio.timeout(seconds):
                await stage.changes.until(lambda: stage.state.quiet or bool(self._halted))
        except TimeoutError:
            return False
        return True

    async def _finish(self, begun: Begun) -> None:
        """Wait for the end of a step, tell of it, and look at it."""
        stage = self._stage
        turns: tuple[TurnView, ...] = ()
        try:
            if begun.step.kind == "code":
                assert stage.workspace is not None
                default = stage.plan.loaded.scenario.environment.timeout
                finished = await execute(stage.workspace, begun.index, begun.step, default)
            elif begun.step.kind == "conversation":
                conversed = await stage.talk(begun.step, begun.index, begun, self)
                turns = tuple(turn.view for turn in conversed.turns)
                finished = await self._finished(begun, conversed.ended, conversed.reason)
            else:
                quiet = await self._quiet(begun.step.time_s)
                ended: StepEnd = "finished" if self._halted else "quiet" if quiet else "timeout"
                reason = self._halted or ("" if quiet else f"still at work after {begun.step.time_s:g} s")
                finished = await self._finished(begun, ended, reason)
            await stage.settle(finished)
            given = "\n".join(turn.user for turn in turns) or self._words(begun.step)
            view = view_of(finished, stage.events, first=begun.first, given=given, turns=turns)
            await stage.looker.after_step(view)
        finally:
            del self._open[begun.index]
            begun.ended.set()
            stage.changes.notify()

    async def _finished(self, begun: Begun, ended: StepEnd, reason: str) -> StepFinished:
        stage = self._stage
        after = await self._look()
        files = None
        if stage.workspace is not None and begun.before is not None and after is not None:
            files = compare(str(stage.workspace.root), begun.before, after)
        return StepFinished(
            step=begun.index,
            name=begun.step.name,
            kind=begun.step.kind,
            ended=ended,
            reason=reason,
            seconds=round(time.monotonic() - begun.started, 6),
            text=said_by(stage.events[begun.first :], set(stage.state.agents)),
            created=files.created if files else (),
            changed=files.changed if files else (),
            deleted=files.deleted if files else (),
        )

    async def _look(self) -> Snapshot | None:
        """Which files the workspace holds now."""
        workspace = self._stage.workspace
        return await asyncio.to_thread(take, str(workspace.root)) if workspace is not None else None


def conversation_so_far(begun: Begun, turns: Sequence[Turned], events: Sequence[Event], agents: set[str]) -> StepView:
    """A conversation that goes on, as the evaluators of its turns see it."""
    finished = StepFinished(
        step=begun.index,
        name=begun.step.name,
        kind="conversation",
        ended="quiet",
        seconds=round(time.monotonic() - begun.started, 6),
        text=said_by(events[begun.first :], agents),
    )
    views = [turn.view for turn in turns]
    return view_of(finished, events, first=begun.first, given="\n".join(turn.user for turn in views), turns=views)
