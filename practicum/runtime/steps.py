"""Giving the team what the scenario has for it, each step when its time has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from practicum.bus.events import Data, InputGiven, StepTaken
from practicum.runtime.team import TeamState
from practicum.scenarios.schema import Scenario, Step


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


class Steps:
    """Runs the scenario's steps in order."""

    def __init__(
        self,
        scenario: Scenario,
        state: TeamState,
        changes: Changes,
        publish: Callable[[Data], Awaitable[str]],
        settle: Callable[[Data], Awaitable[None]],
        speaker: Speaker,
        task_suffix: str = "",
    ) -> None:
        self._scenario, self._state, self._changes = scenario, state, changes
        self._publish, self._settle, self._speaker, self._suffix = publish, settle, speaker, task_suffix
        self.given = False
        """All of them."""
        self.awaited = ""
        """The change in the world that the next one waits for; a quiet team does not bring it about any more."""

    @property
    def over(self) -> bool:
        """Nothing more comes from here unless the team does something."""
        return self.given or bool(self.awaited)

    async def run(self) -> None:
        """Give every step: one with `after` when that change has happened, another when the step before is quiet."""
        first = next(iter(self._scenario.team))
        for index, step in enumerate(self._scenario.run):
            self.awaited = step.after
            self._changes.notify()
            await self._changes.until(lambda step=step, index=index: self._due(step, index))  # type: ignore[misc]
            self.awaited = ""
            if step.say is not None:
                await self._speaker.say(step.say.service, step.say.channel, step.say.user, step.say.text)
            else:
                await self._publish(InputGiven(step=index, to=step.to or first, text=step.input + self._suffix))
            # Until this is folded in, the team may look quiet although it was just given something to do.
            await self._settle(StepTaken(step=index, kind="say" if step.say else "input"))
        self.given = True
        self._changes.notify()

    def _due(self, step: Step, index: int) -> bool:
        if step.after:
            return self._state.changes.get(step.after, 0) > 0
        return index == 0 or self._state.quiet
