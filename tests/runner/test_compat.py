"""Scenario files from elsewhere load and mean the same. They lie in `shared/compat` beside the checkout, if at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from practicum_command import Practicum

from practicum.errors import UsageError
from practicum.scenarios.loader import load_scenario

COMPAT = Path(os.environ.get("PRACTICUM_COMPAT", Path(__file__).resolve().parents[3] / "shared" / "compat"))

if not (COMPAT / "EXPECTED.json").is_file():
    pytest.skip(f"no scenario files from elsewhere in {COMPAT}", allow_module_level=True)

EXPECTED: list[dict[str, Any]] = json.loads((COMPAT / "EXPECTED.json").read_text())
SCENARIOS = [item for item in EXPECTED if item["kind"] == "scenario"]
LOCAL = [item for item in SCENARIOS if "outcome_with_environment_local" in item]
EXIT = {"passed": 0, "failed": 1, "invalid": 2, "inconclusive": 3, "needs_model": 3, "infrastructure": 3}


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["file"].partition(".")[0] for item in items]


def outcome(practicum: Practicum, *arguments: str) -> dict[str, Any]:
    done = practicum("run", *arguments, "--json")
    assert "Traceback" not in done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == EXIT[told["outcome"]], told
    return told


@pytest.mark.parametrize("item", SCENARIOS, ids=ids(SCENARIOS))
def test_a_file_gives_its_outcome_without_a_key(item: dict[str, Any], practicum: Practicum) -> None:
    told = outcome(practicum, str(COMPAT / item["file"]))
    assert told["outcome"] == item["outcome"], told["reason"]
    if item["outcome"] == "needs_model":
        assert "--model" in told["hint"]
    if item["outcome"] == "infrastructure":
        assert "e2b" in f"{told['reason']} {told['hint']}"


@pytest.mark.parametrize("item", LOCAL, ids=ids(LOCAL))
def test_the_environment_of_the_command_line_replaces_the_file_s(item: dict[str, Any], practicum: Practicum) -> None:
    told = outcome(practicum, str(COMPAT / item["file"]), "--environment", "local")
    assert told["outcome"] == item["outcome_with_environment_local"], told["reason"]
    assert told["environment"] == "local"


@pytest.mark.parametrize("item", SCENARIOS, ids=ids(SCENARIOS))
def test_what_a_file_holds_is_read_whole(item: dict[str, Any]) -> None:
    if item["outcome"] == "invalid":
        with pytest.raises(UsageError) as caught:
            load_scenario(COMPAT / item["file"])
        assert "run: is missing" in str(caught.value)
        return
    loaded = load_scenario(COMPAT / item["file"])
    scenario = loaded.scenario
    assert len(scenario.run) == item["n_steps"]
    assert sorted({step.kind for step in scenario.run}) == sorted(set(item["step_kinds"]))
    assert len(scenario.setup.mocks) == item["n_mocks"]
    read = sum(len(step.after) for step in loaded.steps)
    assert read == item["n_step_evaluations"]
    assert sum(len(step.turns) + len(step.final) for step in loaded.steps) == item["n_turn_final_evaluations"]
    renamed = {"stdout_contains": "string_contains"}
    wanted = {renamed.get(name, name) for name in item["evaluator_types"]}
    assert {evaluator.type for evaluator in loaded.every_evaluator()} == wanted
    unknown = [note.key for note in loaded.notes if note.kind == "unknown"]
    assert len(unknown) == len(item["stripped_keys"])
    if item["mocks_but_only_code_steps"]:
        assert any(note.kind == "idle" and note.key.startswith("setup.mocks") for note in loaded.notes)


def test_each_generous_reading_is_a_note() -> None:
    notes = [str(note) for note in load_scenario(COMPAT / "fork-test-mocks.scenario.yaml").notes]
    assert any("stdout_contains is read as string_contains" in note for note in notes)
    assert any("no judgment is given" in note for note in notes)


def test_an_agent_that_repeats_the_user_passes_none(practicum: Practicum) -> None:
    spoken = [item["file"] for item in SCENARIOS if item["outcome"] == "needs_model"]
    files = [str(COMPAT / name) for name in spoken if not _asks_a_judge(COMPAT / name)]
    assert len(files) >= 4
    done = practicum("run", *files, "--model", "script/echo", "--environment", "local", "--parallel", "2", "--json")
    rows = json.loads(done.stdout)["rows"]
    assert [row["outcome"] for row in rows if row["outcome"] == "passed"] == []
    assert {row["outcome"] for row in rows} <= {"failed", "inconclusive"}


def _asks_a_judge(path: Path) -> bool:
    return any(evaluator.needs_judge for evaluator in load_scenario(path).every_evaluator())
