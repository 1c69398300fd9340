"""No evaluator is satisfied by a team that does nothing, whatever evaluators there will be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from evaluated_run import EvaluatedRun

from practicum.bus.events import InputGiven, LeaseGranted, RunStarted, StepTaken
from practicum.clock import WallClock
from practicum.errors import PracticumError
from practicum.scenarios.evaluators import REGISTRY, BaseEvaluator, read_evaluator

_TEXTS = {
    "service": "slack",
    "command": "test -e built",
    "path": "built.md",
    "pattern": "done",
    "tool": "deploy_version",
}

_GIVEN: dict[str, dict[str, Any]] = {
    "execution_time": {"max_duration_ms": 600_000},
    "conversation_length": {"max_turns": 8},
    "token_count": {"max_tokens": 10},
    "step_count": {"max_steps": 10},
    "cost": {"max_usd": 1},
    "conversation_flow": {"required_patterns": ["question_then_answer", "problem_then_solution"]},
    "context_retention": {"test_memory_of": ["done"]},
}
"""Keys of those that need one of several, or words from a list."""


def required(kind: type[BaseEvaluator]) -> dict[str, Any]:
    """A plausible value for each key that must be given."""
    found: dict[str, Any] = dict(_GIVEN.get(kind.evaluator_type, {}))
    for name, field in kind.model_fields.items():
        key, wanted = field.alias or name, str(field.annotation)
        if not field.is_required() or name == "type" or name in found:
            continue
        if "tuple" in wanted:
            found[key] = ["developer"]
        elif re.search(r"float|int", wanted):
            found[key] = 1
        else:
            found[key] = _TEXTS.get(name, "done")
    return found


def begun(run: EvaluatedRun) -> EvaluatedRun:
    """What every run holds before an agent has done anything."""
    run.happened("launcher", RunStarted(scenario="s", team=(), services={}, isolation={}, practicum="0"))
    for agent in run.team:
        lease = LeaseGranted(
            lease="l", agent=agent, service="github", identity=agent, scope={}, expires=WallClock().now()
        )
        run.happened("proctor", lease)
    run.happened("launcher", InputGiven(step=0, to="pm", text="Build it, say done, deploy_version built.md"))
    run.happened("launcher", StepTaken(step=0, kind="input"))
    (run.directory / "agents" / "pm" / "brief.md").write_text("done")
    return run


@pytest.mark.sandbox
@pytest.mark.parametrize("name", sorted(name for name, kind in REGISTRY.items() if kind.evaluator_kind != "guard"))
async def test_an_idle_team_does_not_pass(team_run: EvaluatedRun, name: str) -> None:
    kind = REGISTRY[name]
    evaluator = read_evaluator({"type": name, **required(kind)})
    try:
        found = await evaluator.evaluate(begun(team_run))
    except PracticumError:
        return  # it could not look, which is no pass either
    assert not found.passed, found.summary
    assert found.summary


@pytest.mark.parametrize("name", sorted(name for name, kind in REGISTRY.items() if kind.evaluator_kind == "guard"))
async def test_a_guard_has_nothing_against_an_idle_team(team_run: EvaluatedRun, name: str) -> None:
    found = await read_evaluator({"type": name, **required(REGISTRY[name])}).evaluate(begun(team_run))
    assert found.passed


def test_every_evaluator_refuses_unknown_keys_and_says_what_it_is() -> None:
    for name, kind in REGISTRY.items():
        assert kind.model_config["extra"] == "forbid", name
        assert kind.__doc__, name
        assert kind.evaluator_kind in ("effect", "text", "guard")


def test_no_two_evaluators_share_a_class_name() -> None:
    assert len({kind.__name__ for kind in REGISTRY.values()}) == len(REGISTRY)
