"""One agent, inputs, conversations: steps that end by event and are looked at one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from practicum_command import Practicum

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.timeout(120)]

TEAM = """
from practicum.agents.filters import task_given
from practicum.agents.tools.files import read_file, write_file
from practicum.models.script import Turn, script


@script("agent")
async def agent(turn: Turn) -> None:
    while True:
        words = (await turn.until(task_given())).data.text
        if "file" in words:
            await turn.call(write_file, path="made.txt", content="by the agent")
        turn.say(f"roll {turn.random.random():.6f}" if "roll" in words else "Follow these steps to get a refund.")
"""


def scenario(tmp_path: Path, text: str, team: str = TEAM) -> str:
    folder = tmp_path / "own"
    (folder / "teams").mkdir(parents=True, exist_ok=True)
    (folder / "teams" / "oracle.py").write_text(team)
    (folder / "scenario.yaml").write_text(text)
    return str(folder / "scenario.yaml")


def verdict(done: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(done.stdout)
    return value


MIXED = """\
name: mixed
plugins: [{name: "@acme/plugin-x", version: 1.2.3, config: {units: metric}}]
run:
  - name: ask
    input: Make a file.
    evaluations: [{type: file_exists, path: made.txt}, {type: string_contains, value: refund}]
  - {name: look, code: cat made.txt, evaluations: [{type: string_contains, value: by the agent}]}
  - name: talk
    input: I was charged twice.
    conversation:
      max_turns: 4
      user_simulator: {script: ["And when?", "Thank you, bye."]}
      termination_conditions: [{type: user_expresses_satisfaction, keywords: [thank you]}]
      turn_evaluations: [{type: string_contains, value: steps}]
      final_evaluations: [{type: conversation_length, max_turns: 3}]
    evaluations: [{type: string_contains, value: charged}, {type: trajectory_contains_action, action: REPLY}]
"""


def test_inputs_code_and_conversations_share_a_workspace_and_are_looked_at_one_by_one(
    practicum: Practicum, tmp_path: Path
) -> None:
    done = practicum("run", scenario(tmp_path, MIXED), "--json")
    found = verdict(done)
    assert [step["ended"] for step in found["steps"]] == ["quiet", "exited", "terminated"], done.stderr
    ask, look, talk = found["steps"]
    assert (ask["created"], look["stdout"]) == (["made.txt"], "by the agent")
    assert [(turn["user"], turn["simulator"]) for turn in talk["turns"]] == [
        ("I was charged twice.", "scenario"), ("And when?", "script"), ("Thank you, bye.", "script"),
    ]  # fmt: skip
    assert "charged" not in talk["text"]
    outcomes = [(item["evaluator"], item["step"], item["turn"], item["outcome"]) for item in found["evaluations"]]
    assert outcomes == [
        ("file_exists", 0, None, "passed"), ("string_contains", 0, None, "passed"),
        ("string_contains", 1, None, "passed"),
        ("string_contains", 2, 1, "passed"), ("string_contains", 2, 2, "passed"), ("string_contains", 2, 3, "passed"),
        ("conversation_length", 2, None, "passed"), ("string_contains", 2, None, "failed"),
        ("trajectory_contains_action", 2, None, "passed"),
    ]  # fmt: skip
    assert (done.returncode, found["outcome"]) == (1, "failed")  # the agent never said "charged": the user did
    again = practicum("replay", "last")
    assert again.returncode == 0, again.stdout
    assert practicum("verify", "last").returncode == 0


def test_a_built_in_agent_that_repeats_or_claims_or_does_nothing_passes_nothing(
    practicum: Practicum, tmp_path: Path
) -> None:
    text = "name: n\nrun: {input: say done, evaluations: [{type: string_contains, value: done}]}\n"
    (tmp_path / "n.scenario.yaml").write_text(text)
    outcomes = {}
    for name in ("idle", "echo", "narrator"):
        done = practicum("run", "n.scenario.yaml", "--model", f"script/{name}", "--json")
        outcomes[name] = verdict(done)["outcome"]
    assert outcomes == {"idle": "failed", "echo": "inconclusive", "narrator": "inconclusive"}
    allowed = practicum("run", "n.scenario.yaml", "--model", "script/echo", "--allow-weak", "--json")
    assert verdict(allowed)["outcome"] == "passed"
    tried = practicum("validate", "--idle", "n.scenario.yaml", "--json")
    assert json.loads(tried.stdout)[0]["idle"] == []


def test_what_an_idle_team_satisfies_is_found(practicum: Practicum, tmp_path: Path) -> None:
    text = "name: n\nrun: {input: Do it., evaluations: [{type: command_exit_code_is, command: 'true'}]}\n"
    (tmp_path / "n.scenario.yaml").write_text(text)
    tried = practicum("validate", "--idle", "n.scenario.yaml")
    assert tried.returncode == 1
    assert "a team that does nothing satisfies:" in tried.stdout
    assert "command_exit_code_is" in tried.stdout


def test_a_step_that_is_not_over_in_time_says_so_and_the_next_one_comes(practicum: Practicum, tmp_path: Path) -> None:
    team = TEAM.replace(
        'if "file" in words:',
        'if "wait" in words:\n            await turn.call("set_timer", seconds=12)\n        if "file" in words:',
    )
    text = """\
name: slow
run:
  - {input: Please wait., timeout: 3s}
  - {input: Make a file., timeout: 3s, evaluations: [{type: file_exists, path: made.txt}]}
"""
    done = practicum("run", scenario(tmp_path, text, team), "--json", "--time", "50s")
    found = verdict(done)
    assert [step["ended"] for step in found["steps"]] == ["timeout", "timeout"], done.stdout
    assert found["evaluations"][0]["outcome"] == "passed"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_trials_of_an_agent_that_fails_at_random(practicum: Practicum, tmp_path: Path) -> None:
    text = "name: dice\nseed: 42\nrun: {input: roll, evaluations: [{type: regex_match, pattern: 'roll 0\\.[0-6]'}]}\n"
    done = practicum("run", scenario(tmp_path, text), "--trials", "20", "--parallel", "3", "--json", timeout=230)
    suite = json.loads(done.stdout)
    outcomes = [row["outcome"] for row in suite["rows"]]
    passed = outcomes.count("passed")
    assert set(outcomes) == {"passed", "failed"}
    assert done.returncode == 1
    case = suite["summary"]["cases"][0]
    from math import comb

    for at in case["at_k"]:
        k = at["k"]
        assert at["pass_at_k"] == pytest.approx(1 - comb(20 - passed, k) / comb(20, k))
        assert at["pass_hat_k"] == pytest.approx(comb(passed, k) / comb(20, k))
    assert case["interval"]["low"] <= 0.7 <= case["interval"]["high"]
    assert case["flaky"]
    again = practicum("run", "own/scenario.yaml", "--trials", "3", "--json")
    assert [row["outcome"] for row in json.loads(again.stdout)["rows"]] == outcomes[:3]
