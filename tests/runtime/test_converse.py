from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from practicum.api.evaluator import Counsel, TurnView
from practicum.errors import ModelError
from practicum.runtime.conversation import Conversed, Reply, Turned, converse
from practicum.scenarios.conversation import ConversationLog, ScriptedUser, Simulator
from practicum.scenarios.schema.conversation import Conversation


@dataclass
class SmallAgent:
    """An agent in this process: a task that reads what it is sent and answers, as a host would over the bus."""

    answer: Callable[[str], str]
    thinks_s: float = 0.0
    leaves_after: int = 0
    _words: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _answers: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    heard: list[tuple[str, int]] = field(default_factory=list)
    allowed: list[float] = field(default_factory=list)

    async def live(self) -> None:
        while True:
            words = await self._words.get()
            await asyncio.sleep(self.thinks_s)
            await self._answers.put(self.answer(words))

    async def send(self, words: str, turn: int) -> None:
        self.heard.append((words, turn))
        await self._words.put(words)

    async def answered(self, seconds: float) -> Reply:
        self.allowed.append(seconds)
        number = len(self.heard)
        try:
            async with asyncio.timeout(seconds):
                text = await self._answers.get()
        except TimeoutError:
            return Reply("", timed_out=True)
        over = "the agent left" if number == self.leaves_after else ""
        return Reply(text, first=10 * number, last=10 * number + 5, over=over)


@dataclass
class Talk:
    result: Conversed
    done: list[Turned]


async def talk(
    settings: dict[str, Any],
    agent: SmallAgent,
    simulator: Simulator,
    *,
    evaluating_s: float = 0.0,
    **more: Any,
) -> Talk:
    done: list[Turned] = []

    async def turn_done(turned: Turned) -> None:
        done.append(turned)
        await asyncio.sleep(evaluating_s)

    living = asyncio.create_task(agent.live())
    try:
        result = await converse(
            Conversation.model_validate(settings),
            first="Hello",
            simulator=simulator,
            judge=more.pop("judge", None),
            send=agent.send,
            answered=agent.answered,
            turn_done=turn_done,
            **more,
        )
    finally:
        living.cancel()
    return Talk(result, done)


def echo(words: str) -> str:
    return f"You said {words}"


async def test_words_and_answers_alternate_until_the_last_turn() -> None:
    agent = SmallAgent(echo)
    talked = await talk({"max_turns": 3}, agent, ScriptedUser(["One", "Two", "Three"]))
    assert agent.heard == [("Hello", 1), ("One", 2), ("Two", 3)]
    assert (talked.result.ended, talked.result.reason) == ("max_turns", "turn 3 was the last")
    assert [(one.view.user, one.view.agent, one.simulator) for one in talked.done] == [
        ("Hello", "You said Hello", "scenario"),
        ("One", "You said One", "script"),
        ("Two", "You said Two", "script"),
    ]
    assert [(one.view.number, one.view.first, one.view.last) for one in talked.done] == [
        (1, 10, 15),
        (2, 20, 25),
        (3, 30, 35),
    ]
    assert tuple(talked.done) == talked.result.turns


async def test_a_turn_tells_of_itself_for_record_and_verdict() -> None:
    talked = await talk({"max_turns": 1}, SmallAgent(echo), ScriptedUser([]))
    event, result = talked.done[0].event(4), talked.done[0].result()
    assert (event.step, event.turn, event.user, event.agent, event.simulator) == (
        4,
        1,
        "Hello",
        "You said Hello",
        "scenario",
    )
    assert (result.turn, result.user, result.agent, result.timed_out) == (1, "Hello", "You said Hello", False)


async def test_a_user_without_more_to_say_finishes_it() -> None:
    talked = await talk({}, SmallAgent(echo), ScriptedUser(["One"]))
    assert talked.result.ended == "finished"
    assert talked.result.reason == "the user (script) has nothing more to say"
    assert len(talked.done) == 2


async def test_an_agent_that_is_gone_finishes_it() -> None:
    talked = await talk({}, SmallAgent(echo, leaves_after=2), ScriptedUser(["One", "Two"]))
    assert (talked.result.ended, talked.result.reason, len(talked.done)) == ("finished", "the agent left", 2)


async def test_a_condition_ends_it_after_the_turn_was_evaluated() -> None:
    settings = {"termination_conditions": [{"type": "agent_provides_solution", "keywords": ["One"]}]}
    talked = await talk(settings, SmallAgent(echo), ScriptedUser(["One", "Two"]))
    assert talked.result.ended == "terminated"
    assert talked.result.reason == "agent_provides_solution: the agent said 'One'"
    assert talked.result.condition is not None
    assert talked.result.condition.keyword == "One"
    assert [one.view.user for one in talked.done] == ["Hello", "One"]


async def test_the_condition_of_the_last_turn_is_named_and_is_no_other_ending() -> None:
    settings = {"max_turns": 2, "termination_conditions": [{"type": "max_turns_reached"}]}
    talked = await talk(settings, SmallAgent(echo), ScriptedUser(["One", "Two"]))
    assert (talked.result.ended, talked.result.reason) == ("max_turns", "max_turns_reached: turn 2 was the last")


async def test_a_turn_that_takes_too_long_ends_it_and_is_kept() -> None:
    agent = SmallAgent(echo, thinks_s=5)
    talked = await talk({"timeout_per_turn_ms": 30}, agent, ScriptedUser(["One"]))
    assert (talked.result.ended, talked.result.reason) == ("timeout", "turn 1: no answer within 0.03 s")
    assert talked.done[0].timed_out
    assert 0.02 < talked.done[0].view.seconds < 2
    assert talked.done[0].view.agent == ""
    assert agent.allowed == [0.03]


async def test_the_whole_time_limits_each_turn() -> None:
    now = [0.0]

    def slowly(words: str) -> str:
        now[0] += 25
        return echo(words)

    agent = SmallAgent(slowly)
    user = ScriptedUser(["One", "Two"])
    talked = await talk({"total_timeout_ms": 40_000}, agent, user, clock=lambda: now[0])
    assert (talked.result.ended, talked.result.reason) == ("timeout", "the conversation's time of 40 s is up")
    assert agent.allowed == [40.0, 15.0]


async def test_the_steps_own_time_counts_where_it_is_shorter() -> None:
    talked = await talk({"total_timeout_ms": 9000}, SmallAgent(echo, thinks_s=5), ScriptedUser([]), time_s=0.03)
    assert talked.result.reason == "the conversation's time of 0.03 s is up"


async def test_evaluations_do_not_use_up_the_time_of_the_conversation() -> None:
    settings = {"total_timeout_ms": 1000, "max_turns": 3}
    talked = await talk(settings, SmallAgent(echo), ScriptedUser(["One", "Two"]), evaluating_s=0.4)
    assert talked.result.ended == "max_turns"


class SlowUser:
    name = "slow"
    cancelled = False

    async def next(self, transcript: Sequence[TurnView]) -> str | None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return None


async def test_a_user_who_thinks_too_long_uses_up_the_time() -> None:
    user = SlowUser()
    talked = await talk({"total_timeout_ms": 500}, SmallAgent(echo), user)
    assert talked.result.ended == "timeout"
    assert user.cancelled


class BrokenUser:
    name = "broken"

    async def next(self, transcript: Sequence[TurnView]) -> str | None:
        raise ModelError("no answer")


async def test_a_user_whose_model_fails_is_an_error_of_the_step() -> None:
    with pytest.raises(ModelError, match="no answer"):
        await talk({}, SmallAgent(echo), BrokenUser())


class Judge:
    def name(self, model: str = "") -> str:
        return "anthropic/judge"

    async def ask(self, system: str, prompt: str, **settings: Any) -> Counsel:
        return Counsel("perhaps", "anthropic/judge", 0.0)


async def test_conditions_that_cannot_be_looked_at_are_told_and_logged() -> None:
    settings = {
        "max_turns": 1,
        "termination_conditions": [{"type": "goal_achieved", "llm_judge": {"prompt": "Is it?"}}],
        "debug_options": {"log_turn_decisions": True, "log_user_simulation": True},
    }
    log = ConversationLog(Conversation.model_validate(settings).debug_options)
    talked = await talk(settings, SmallAgent(echo), ScriptedUser([]), judge=Judge(), log=log)
    assert talked.result.ended == "max_turns"
    assert len(talked.result.errors) == 1
    assert talked.result.reason.startswith("turn 1 was the last (not looked at: turn 1: goal_achieved does not hold")
    assert talked.result.errors[0].startswith("turn 1: goal_achieved does not hold: could not be looked at")
    assert "== turn 1: goal_achieved does not hold" in log.text


async def test_who_cancels_a_conversation_stops_it() -> None:
    task = asyncio.create_task(talk({}, SmallAgent(echo, thinks_s=5), ScriptedUser([])))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
