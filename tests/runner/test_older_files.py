"""A folder of scenario files from elsewhere, pointed at as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from practicum_command import Practicum

SCENARIO = """\
name: older
description: From elsewhere.
character:
  llm: {model: gpt-4}
environment: {type: local}
run:
  - input: Hello
    evaluations: [{type: string_contains, value: teapot}]
judgment: {strategy: all_pass}
"""
MATRIX = """\
name: many
base_scenario: src/commands/scenario/examples/older.scenario.yaml
runs_per_combination: 2
matrix:
  - {parameter: character.llm.model, values: [gpt-4, claude-3]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    (made / "older.scenario.yaml").write_text(SCENARIO)
    (made / "many.matrix.yaml").write_text(MATRIX)
    return made


def test_a_folder_is_validated_with_its_matrices(practicum: Practicum, folder: Path) -> None:
    done = practicum("validate", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    scenario, matrix = (line for line in done.stdout.splitlines() if line.startswith("valid"))
    assert "older.scenario.yaml  1 agent, evaluations: 1 text" in scenario
    assert "many.matrix.yaml  2 combinations, 1 agent, evaluations: 1 text" in matrix
    assert "gpt-4 is read as openai/gpt-4" in done.stdout
    assert "older.scenario.yaml beside this file is read" in done.stdout
    again = practicum("validate", str(folder / "*.matrix.yaml"), str(folder / "none"), "--json")
    assert again.returncode == 2
    assert [(item["combinations"], item["valid"]) for item in json.loads(again.stdout)] == [(2, True), (0, False)]


def test_a_matrix_is_no_scenario_to_run_and_the_verb_that_runs_it_is_named(practicum: Practicum, folder: Path) -> None:
    done = practicum("run", str(folder / "many.matrix.yaml"))
    assert done.returncode == 2
    assert "many.matrix.yaml:2: base_scenario: a matrix, not a scenario" in done.stderr
    assert f"practicum matrix {folder}" in done.stderr


@pytest.mark.broker
@pytest.mark.sandbox
def test_a_model_that_the_file_names_needs_its_key_and_the_file_is_not_wrong(
    practicum: Practicum, folder: Path
) -> None:
    done = practicum("run", str(folder / "older.scenario.yaml"), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"]) == (3, "needs_model"), told
    assert "agent needs its model openai/gpt-4: no key of openai" in told["reason"]
    assert "OPENAI_API_KEY" in told["hint"]
    assert "another model with --model" in told["hint"]
