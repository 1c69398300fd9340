"""A whole run in which a model plays the user, a model judges, and a model is the agent, all through the gateway."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e_kit import run_with, said, serving
from practicum_command import Practicum

from practicum.models.testing import Answer, Conversation, Reply

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]

SCENARIO = """\
name: billing
run:
  - input: I was charged twice.
    conversation:
      max_turns: 5
      user_simulator: {persona: Sarah, objective: a refund, temperature: 0.5, max_tokens: 60}
      termination_conditions:
        - {type: escalation_needed}
        - {type: custom_condition, llm_judge: {prompt: "Is there a date?", threshold: 0.8}}
      debug_options: {log_user_simulation: true, log_turn_decisions: true, export_full_transcript: true}
    evaluations:
      - {type: regex_match, pattern: on Monday}
"""


async def policy(asked: Conversation) -> Answer:
    if "You play a person" in asked.system:
        return Reply(text='User: "When do I get it back?"')
    if "decide one question" in asked.system:
        score = 0.9 if "on Monday" in asked.news else 0.1
        return Reply(text=f'{{"score": {score}, "reason": "A date, or none."}}')
    return Reply(text="It comes on Monday." if "When do I get it back?" in asked.news else "What can I do for you?")


async def test_user_judge_and_agent_are_models_and_are_told_apart(
    practicum: Practicum, vendor: str, tmp_path: Path
) -> None:
    scenario = tmp_path / "billing.scenario.yaml"
    scenario.write_text(SCENARIO)
    async with serving(policy) as server:
        done = await run_with(practicum, vendor, server, scenario=scenario)
    assert done.returncode == 0, said(done)
    run = practicum.last(done)
    turns = [(turn.user, turn.agent) for turn in run.of("conversation.turned")]
    assert turns == [
        ("I was charged twice.", "What can I do for you?"),
        ("When do I get it back?", "It comes on Monday."),
    ]
    step = run.verdict()["steps"][0]
    assert step["ended"] == "terminated"
    assert step["reason"] == "custom_condition: the judge gave 0.9, at least 0.8: A date, or none."
    assert "charged" not in step["text"]

    answered = [
        (item.event.source, item.event.body.asker) for item in run.events() if item.event.type == "model.answered"
    ]  # type: ignore[union-attr]
    assert sorted(answered) == [
        ("agent", ""), ("agent", ""), ("launcher", "judge"), ("launcher", "judge"), ("launcher", "user"),
    ]  # fmt: skip
    assert run.verdict()["agents"]["agent"]["model_calls"] == 2
    played = next(seen.conversation for seen in server.seen if "You play" in getattr(seen.conversation, "system", ""))
    assert played is not None
    assert (played.temperature, played.max_tokens) == (0.5, 60)

    kept = {path.name: path.read_text() for path in (run.path / "artifacts").glob("*-0.*")}
    assert set(kept) == {"conversation-0.log", "transcript-0.md", "transcript-0.json"}
    assert "What you want from the agent: a refund" in kept["conversation-0.log"]
    assert "custom_condition holds" in kept["conversation-0.log"]
    assert "It comes on Monday." in kept["transcript-0.md"]
