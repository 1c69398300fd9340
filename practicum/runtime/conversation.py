"""The turns of a conversation: the user's words go out, the agent's answer comes, until something ends it.

This knows neither bus nor launcher: whoever calls it says how words are sent and how an answer is awaited.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from practicum.api.evaluator import Judge, TurnView
from practicum.bus.events import ConversationTurned
from practicum.scenarios.conversation.log import ConversationLog
from practicum.scenarios.conversation.simulator import Simulator
from practicum.scenarios.conversation.termination import Decision, Ended, check
from practicum.scenarios.schema.conversation import Conversation
from practicum.scenarios.verdict import TurnResult

SCENARIO = "scenario"
"""Who spoke first: the step's own input."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of waiting for the agent."""

    text: str
    """Its words since the user's, without one of his; empty when it had none."""
    timed_out: bool = False
    first: int = 0
    last: int = 0
    """As in `TurnView`."""
    over: str = ""
    """Why it will not answer any more: it failed, the outcome was declared. Empty while it may."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn that was taken."""

    view: TurnView
    timed_out: bool
    simulator: str

    def event(self, step: int) -> ConversationTurned:
        """For the record."""
        return ConversationTurned(
            step=step,
            turn=self.view.number,
            user=self.view.user,
            agent=self.view.agent,
            seconds=round(self.view.seconds, 6),
            timed_out=self.timed_out,
            simulator=self.simulator,
        )

    def result(self) -> TurnResult:
        """For the verdict."""
        return TurnResult(
            turn=self.view.number,
            user=self.view.user,
            agent=self.view.agent,
            seconds=round(self.view.seconds, 6),
            timed_out=self.timed_out,
            simulator=self.simulator,
        )


@dataclass(frozen=True, slots=True)
class Conversed:
    """How a conversation went."""

    turns: tuple[Turned, ...]
    ended: Literal["terminated", "max_turns", "timeout", "finished"]
    """A condition holds; it had its last turn; time was up; one side has nothing more to say."""
    reason: str
    """In words; also that a condition could not be looked at."""
    condition: Ended | None = None
    errors: tuple[str, ...] = ()
    """All conditions that could not be looked at, and why."""


class _Time:
    """What is left of the time that agent and user may take together. Evaluations do not use it up."""

    def __init__(self, total_s: float | None, clock: Callable[[], float]) -> None:
        self.total_s, self._clock, self._used = total_s, clock, 0.0

    @property
    def left(self) -> float | None:
        """Seconds; None without a limit."""
        return None if self.total_s is None else max(0.0, self.total_s - self._used)

    def up(self) -> str:
        """In words: that it is up."""
        return f"the conversation's time of {self.total_s:g} s is up"

    async def spend(self, doing: Awaitable[str | None]) -> str | None:
        """Await the user's words within what is left.

        Raises:
            TimeoutError: it was not enough.
        """
        begun = self._clock()
        try:
            async with asyncio.timeout(self.left):
                return await doing
        finally:
            self._used += self._clock() - begun

    def book(self, seconds: float) -> None:
        """The agent took so long."""
        self._used += seconds


async def converse(
    conversation: Conversation,
    *,
    first: str,
    simulator: Simulator,
    judge: Judge | None,
    send: Callable[[str, int], Awaitable[None]],
    answered: Callable[[float], Awaitable[Reply]],
    turn_done: Callable[[Turned], Awaitable[None]],
    time_s: float | None = None,
    log: ConversationLog | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Conversed:
    """Talk with the agent until a condition holds, the turns or the time are used up, or nobody has more to say.

    `first` are the user's first words. `send(words, turn)` gives words to the agent and returns when they are on their
    way. `answered(seconds)` waits for the answer, at most so long, and always returns: with `timed_out` and what came
    until then where it did not end. `turn_done` records the turn (`Turned.event`) and looks at its evaluations; the
    next turn begins when it returns. `time_s` is the step's own limit, besides the file's for turn and conversation.
    A turn whose time is up ends the conversation: a late answer would pass for one to the next words.

    Raises:
        ModelError: the model that plays the user did not answer. What was said until then is in `turn_done`'s hands.
    """
    limits = [limit for limit in (conversation.total_timeout_ms, time_s) if limit is not None]
    left = _Time(min(limits) if limits else None, clock)
    turns: list[Turned] = []
    errors: list[str] = []
    words, speaker = first, SCENARIO

    def ended(
        how: Literal["terminated", "max_turns", "timeout", "finished"], why: str, held: Ended | None = None
    ) -> Conversed:
        blind = f" (not looked at: {errors[-1]}; {len(errors)} such in all)" if errors else ""
        return Conversed(tuple(turns), how, why + blind, held, tuple(errors))

    def decided(decision: Decision) -> None:
        if decision.error:
            errors.append(f"turn {decision.turn}: {decision}")
        if log is not None:
            log.decided(decision.turn, str(decision))

    for number in range(1, conversation.max_turns + 1):
        turn_s = conversation.timeout_per_turn_ms
        within = turn_s if left.left is None else min(turn_s, left.left)
        begun = clock()
        await send(words, number)
        reply = await answered(within)
        seconds = clock() - begun
        left.book(seconds)
        view = TurnView(number, words, reply.text, seconds, reply.first, reply.last)
        turns.append(Turned(view, reply.timed_out, speaker))
        await turn_done(turns[-1])
        if reply.timed_out:
            return ended(
                "timeout", f"turn {number}: no answer within {within:.3g} s" if within == turn_s else left.up()
            )
        views = [turn.view for turn in turns]
        held = await check(
            conversation.termination_conditions,
            views,
            judge,
            max_turns=conversation.max_turns,
            on_decision=decided,
        )
        if held is not None:
            return ended("max_turns" if held.type == "max_turns_reached" else "terminated", held.reason, held)
        if reply.over:
            return ended("finished", reply.over)
        if number == conversation.max_turns:
            break
        if left.left == 0.0:
            return ended("timeout", left.up())
        try:
            said = await left.spend(simulator.next(views))
        except TimeoutError:
            return ended("timeout", left.up())
        if said is None:
            return ended("finished", f"the user ({simulator.name}) has nothing more to say")
        words, speaker = said, simulator.name
    return ended("max_turns", f"turn {conversation.max_turns} was the last")
