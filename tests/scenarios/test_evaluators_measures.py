"""Limits of time, tokens, steps and money: guards, each with the bound that it names."""

from __future__ import annotations

from typing import Any

import pytest
from evaluated_run import EvaluatedRun
from pydantic import ValidationError

from practicum.bus.events import ExchangeCompleted, ModelAnswered, ToolCalled, Usage


def answered(run: EvaluatedRun, agent: str, **usage: int) -> None:
    answer = ModelAnswered(turn=1, request=1, text="", calls=(), stop="end", usage=Usage(**usage))  # type: ignore[arg-type]
    run.happened(agent, answer)


@pytest.mark.parametrize(
    ("keys", "passes", "summary"),
    [
        ({"max_duration_ms": 1500}, True, "1500 ms"),
        ({"max_duration_ms": 1499}, False, "1500 ms, more than 1499 ms"),
        ({"min_duration_ms": 1500}, True, "1500 ms"),
        ({"min_duration_ms": 1501}, False, "1500 ms, less than 1501 ms"),
        ({"max_duration_ms": 9000, "target_duration_ms": 1000}, True, "1500 ms (target 1000 ms)"),
        ({"target_duration_ms": 1}, True, "1500 ms (target 1 ms)"),
    ],
)
async def test_the_time_of_a_step(team_run: EvaluatedRun, keys: dict[str, Any], passes: bool, summary: str) -> None:
    team_run.step("input", seconds=1.5)
    found = await team_run.look("execution_time", **keys)
    assert (found.passed, found.summary, found.details["duration_ms"]) == (passes, summary, 1500)


async def test_the_time_of_a_turn_and_of_the_whole_run(team_run: EvaluatedRun) -> None:
    step = team_run.talk(("a", "b"), ("c", "d"))
    team_run.turn = step.turns[0]
    assert (await team_run.look("execution_time", max_duration_ms=1000)).passed
    team_run.scope = team_run.turn = None
    assert (await team_run.look("execution_time", max_duration_ms=1000)).details == {"duration_ms": 1000}


@pytest.mark.parametrize(
    ("type", "keys"),
    [
        ("execution_time", {}),
        ("execution_time", {"max_duration_ms": 1, "min_duration_ms": 2}),
        ("execution_time", {"max_duration_ms": -1}),
        ("token_count", {"of": "input"}),
        ("step_count", {}),
        ("cost", {}),
        ("conversation_length", {}),
        ("conversation_length", {"target_range": [6, 4]}),
    ],
)
async def test_a_limit_without_a_bound_is_none(team_run: EvaluatedRun, type: str, keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await team_run.look(type, **keys)


async def test_tokens_are_those_of_the_agents_in_the_step(team_run: EvaluatedRun) -> None:
    answered(team_run, "pm", input_tokens=1000)
    team_run.step("input")
    answered(team_run, "pm", input_tokens=10, output_tokens=5, cache_read_tokens=3, cache_write_tokens=2)
    answered(team_run, "qa", output_tokens=7)
    answered(team_run, "launcher", input_tokens=9999)
    team_run.step("input")
    found = await team_run.look("token_count", max_tokens=27)
    assert (found.passed, found.details) == (True, {"input_tokens": 15, "output_tokens": 12})
    assert (await team_run.look("token_count", max_tokens=26)).summary == "27 tokens, more than 26"
    assert (await team_run.look("token_count", of="output", min_tokens=12)).passed
    assert not (await team_run.look("token_count", of="input", min_tokens=16)).passed
    assert (await team_run.look("token_count", agent="qa", max_tokens=7)).passed


async def test_steps_are_answers_or_actions(team_run: EvaluatedRun) -> None:
    for _ in range(3):
        answered(team_run, "pm")
        team_run.happened("pm", ToolCalled(turn=1, call="c", tool="read_file", args={}, effect="read"))
    team_run.happened("pm", ToolCalled(turn=1, call="c", tool="read_file", args={}, effect="read"))
    answered(team_run, "launcher")
    assert (await team_run.look("step_count", max_steps=3)).summary == "3 answers"
    assert (await team_run.look("step_count", max_steps=2)).summary == "3 answers, more than 2"
    assert (await team_run.look("step_count", of="actions", min_steps=4, max_steps=4)).passed
    assert not (await team_run.look("step_count", agent="qa", min_steps=1)).passed


async def test_the_cost_is_what_the_gateway_counted(team_run: EvaluatedRun) -> None:
    def call(source: str, agent: str, usd: float) -> None:
        exchange = ExchangeCompleted(
            lease="l",
            agent=agent,
            service="anthropic",
            method="POST",
            route="",
            path="/",
            status=200,
            ms=1,
            cost_usd=usd,
        )
        team_run.happened(source, exchange)

    call("proctor", "pm", 0.1)
    call("proctor", "qa", 0.2)
    call("proctor", "judge", 5)
    call("pm", "pm", 9)
    assert (await team_run.look("cost", max_usd=0.3)).summary == "$0.3000"
    assert (await team_run.look("cost", max_usd=0.25)).summary == "$0.3000, more than 0.25 dollars"
    assert (await team_run.look("cost", agent="qa", min_usd=0.2, max_usd=0.2)).passed
