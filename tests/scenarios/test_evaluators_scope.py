"""A step's evaluators see that step, a turn's that turn; and never a word of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evaluated_run import EvaluatedRun

from practicum.bus.events import (
    ExchangeCompleted,
    InputGiven,
    JobFinished,
    Json,
    MessagePosted,
    ModelAnswered,
    TimerFired,
    ToolCalled,
    ToolReturned,
    WorldChanged,
)


def said(run: EvaluatedRun, agent: str, text: str) -> None:
    run.happened(agent, ModelAnswered(turn=1, request=1, text=text, calls=(), stop="end"))


async def wrote(run: EvaluatedRun, value: str, **keys: str) -> bool:
    return (await run.look("string_contains", value=value, **keys)).passed


async def test_a_step_is_looked_at_alone(team_run: EvaluatedRun) -> None:
    said(team_run, "pm", "one teapot")
    team_run.step("input", given="Say teacup", text="one teapot")
    said(team_run, "lead", "two kettles")
    team_run.step("input", given="Go on", text="two kettles")
    assert await wrote(team_run, "kettles")
    assert not await wrote(team_run, "teapot")
    assert await wrote(team_run, "kettles", agent="lead")
    assert not await wrote(team_run, "kettles", agent="pm")
    assert not (await team_run.look("regex_match", pattern="teapot")).passed
    team_run.scope = None
    assert await wrote(team_run, "teapot")
    assert await wrote(team_run, "kettles")
    assert not await wrote(team_run, "teacup")


async def test_a_turn_is_looked_at_alone_and_without_the_users_words(team_run: EvaluatedRun) -> None:
    step = team_run.talk(("Do you have tea?", "We have coffee."), ("And milk?", "Milk, yes."))
    assert await wrote(team_run, "coffee")
    team_run.turn = step.turns[1]
    assert await wrote(team_run, "milk, yes")
    assert not await wrote(team_run, "coffee")
    assert not await wrote(team_run, "And milk")
    assert await wrote(team_run, "milk", agent="pm")
    assert not await wrote(team_run, "coffee", agent="pm")


async def test_the_user_and_the_operator_write_nothing_for_the_agents(team_run: EvaluatedRun) -> None:
    team_run.happened("launcher", InputGiven(step=0, to="pm", text="Say teapot"))
    team_run.happened("operator", MessagePosted(text="teapot", to="agent.pm"))
    team_run.step("input", given="Say teapot", text="")
    assert not await wrote(team_run, "teapot")
    assert not await wrote(team_run, "teapot", agent="pm")


async def test_the_text_of_code_is_what_it_printed(team_run: EvaluatedRun) -> None:
    team_run.step("code", given="echo hidden", stdout="shown\n", stderr="warned\n", text="shown\n")
    assert await wrote(team_run, "shown")
    assert not await wrote(team_run, "warned")
    assert not await wrote(team_run, "hidden")
    assert await wrote(team_run, "warned", of="stderr")
    assert not await wrote(team_run, "shown", of="stderr")
    assert await wrote(team_run, "warned", of="output")
    assert await wrote(team_run, "shown", of="output")
    found = await team_run.look("string_contains", value="absent")
    assert found.summary == "the code never wrote 'absent'"
    assert (await team_run.look("regex_match", pattern="^shown$", flags="m")).passed


async def test_a_run_of_code_alone_is_looked_at_by_what_all_of_it_printed(team_run: EvaluatedRun) -> None:
    team_run.step("code", stdout="one")
    team_run.step("code", stdout="two")
    team_run.scope = None
    assert await wrote(team_run, "one")
    assert await wrote(team_run, "two")
    said(team_run, "pm", "three")
    team_run.step("input", given="", text="three")
    team_run.scope = None
    assert await wrote(team_run, "three")
    assert not await wrote(team_run, "one"), "what code prints is not what agents write"
    assert await wrote(team_run, "one", of="stdout")


async def test_what_code_prints_is_not_said_by_an_agent_whose_step_never_began(team_run: EvaluatedRun) -> None:
    team_run.step("code", stdout="refunded")
    team_run.scope, team_run.settings = None, {**team_run.settings, "agents_act": True}
    assert not await wrote(team_run, "refunded")
    assert not (await team_run.look("regex_match", pattern="refunded")).passed
    assert await wrote(team_run, "refunded", of="stdout")


async def test_an_output_of_a_step_without_code_is_what_the_agents_wrote(team_run: EvaluatedRun) -> None:
    team_run.step("input", given="echo it", text="it was mocked")
    assert await wrote(team_run, "mocked", of="stdout")


async def test_how_code_ended(team_run: EvaluatedRun, tmp_path: Path) -> None:
    team_run.step("code", exit_code=0)
    assert (await team_run.look("step_exit_code")).passed
    team_run.step("code", exit_code=3)
    found = await team_run.look("step_exit_code")
    assert (found.passed, found.summary) == (False, "the code ended with 3, wanted 0")
    for key in ("expected_code", "expectedCode", "value", "expected", "code"):
        assert (await team_run.look("step_exit_code", **{key: 3})).passed
    team_run.scope = None
    assert not (await team_run.look("step_exit_code")).passed, "one of them ended otherwise"
    team_run.step("input", given="Go", text="gone")
    assert (await team_run.look("step_exit_code")).summary == "no code ran"


async def test_keys_are_read_as_javascript_writes_them_too(team_run: EvaluatedRun) -> None:
    team_run.step("input", given="", text="TeaPot")
    assert not (await team_run.look("string_contains", value="teapot", caseSensitive=True)).passed
    assert (await team_run.look("execution_time", maxDurationMs=2000)).passed
    assert not (await team_run.look("execution_time", minDurationMs=2000)).passed


def work(run: EvaluatedRun) -> None:
    """A step's worth of everything that only the record tells."""
    exchange = ExchangeCompleted(lease="l", agent="dev-1", service="slack", method="GET", route="r", path="/x",
                                 status=403, ms=1.0, refused="no", cost_usd=2.0)  # fmt: skip
    posted = WorldChanged(service="slack", change="slack.message.posted", actor="dev-1", facts={"text": "done"})
    run.happened("dev-1", ToolCalled(turn=1, call="c", tool="probe", effect="read", args={}))
    run.happened("dev-1", ToolReturned(turn=1, call="c", tool="probe", ok=True, ms=1.0))
    run.happened("dev-1", MessagePosted(text="done", to="channel.dev"))
    run.happened("world-slack", posted)
    run.happened("world-github", JobFinished(job="j", kind="check", name="test", ok=True, seconds=1))
    facts: dict[str, Json] = {"hook": 1, "event": "push"}
    run.happened(
        "world-github", JobFinished(job="w", kind="webhook", name="push to a", ok=True, seconds=1, facts=facts)
    )
    run.happened("launcher", TimerFired(timer="t", owner="dev-1"))
    run.happened("proctor", exchange)


@pytest.mark.parametrize(
    ("type_", "keys", "done"),
    [
        ("tool_used", {"tool": "probe"}, True),
        ("message_posted", {"service": "team"}, True),
        ("message_posted", {"service": "slack"}, True),
        ("workflow_ran", {}, True),
        ("webhook_delivered", {}, True),
        ("schedule_fired", {}, True),
        ("access_denied", {}, False),
        ("budget_within", {"usd": 1}, False),
    ],
)
async def test_what_was_done_in_an_earlier_step_is_not_done_in_this_one(
    team_run: EvaluatedRun, type_: str, keys: dict[str, Any], done: bool
) -> None:
    work(team_run)
    team_run.step("input", given="Do it", text="done")
    assert (await team_run.look(type_, **keys)).passed is done
    team_run.step("input", given="Do it again", text="done again")
    assert (await team_run.look(type_, **keys)).passed is not done
    team_run.scope = None
    assert (await team_run.look(type_, **keys)).passed is done


async def test_a_probe_counts_in_its_own_step_also_for_what_was_deployed_before(team_run: EvaluatedRun) -> None:
    probe = ExchangeCompleted(lease="l", agent="devops", service="deploy", method="GET", route="r", status=200, ms=1.0,
                              path="/v1/apps/shortlink/http/health")  # fmt: skip
    team_run.happened(
        "world-deploy", WorldChanged(service="deploy", change="deploy.deployment.succeeded", actor="devops")
    )
    team_run.step("input", given="Deploy", text="deployed")
    team_run.happened("launcher", TimerFired(timer="t", owner="devops"))
    team_run.happened("proctor", probe)
    team_run.step("input", given="Watch it", text="watched")
    assert (await team_run.look("service_watched", probes=1)).passed
    team_run.step("input", given="Watch it on", text="watched")
    assert not (await team_run.look("service_watched", probes=1)).passed
