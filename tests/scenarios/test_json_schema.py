"""The schema for editors takes what the loader takes, and tells what every key means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from practicum.scenarios.evaluators import REGISTRY
from practicum.scenarios.json_schema import published, scenario_schema
from practicum.scenarios.verdict import Verdict

ROOT = Path(__file__).parents[2]
COMPAT = ROOT.parent / "shared" / "compat"

OURS = [
    *ROOT.glob("scenarios/*/scenario.yaml"),
    *ROOT.glob("examples/**/*.yaml"),
    *ROOT.glob("tests/runtime/*/scenario.yaml"),
]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = scenario_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def wrong(validator: jsonschema.Draft202012Validator, value: Any) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(value)]


def test_our_own_scenarios_fit(validator: jsonschema.Draft202012Validator) -> None:
    files = [path for path in OURS if "matrix" not in path.name][:20]
    assert len(files) > 2
    for path in files:
        assert wrong(validator, yaml.safe_load(path.read_text())) == [], path


@pytest.mark.skipif(not COMPAT.is_dir(), reason="the files of others are not here")
def test_files_from_elsewhere_fit_where_they_are_valid(validator: jsonschema.Draft202012Validator) -> None:
    for entry in json.loads((COMPAT / "EXPECTED.json").read_text()):
        if entry["kind"] != "scenario":
            continue
        found = wrong(validator, yaml.safe_load((COMPAT / entry["file"]).read_text()))
        assert bool(found) == (entry["outcome"] == "invalid"), (entry["file"], found)


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "local"}, {"run": {"code": "ls"}}, {"judgment": "any_pass"}, {"plugins": ["a@1.0"]},
        {"limits": {"time": "10m", "cost": "$5"}}, {"limits": {"time": 90}}, {"anything": {"else": 1}},
        {"setup": {"db_seed": "seed.sql"}}, {"evaluations": [{"type": "stdout_contains", "value": "x"}]},
        {"evaluations": [{"type": "file_exists", "path": "a", "note": "documentation only"}]},
        {"run": [{"code": "ls", "evaluations": None}]},
    ],
)  # fmt: skip
def test_it_is_as_generous_as_the_loader(validator: jsonschema.Draft202012Validator, change: dict[str, Any]) -> None:
    assert wrong(validator, {"name": "a", "run": [{"code": "ls"}], **change}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"run": []}, {"run": "ls"}, {"evaluations": [{"path": "a"}]}, {"evaluations": [{"type": "file_exists"}]},
        {"evaluations": [{"type": "file_exists", "path": 5}]}, {"judgment": {"strategy": "most"}},
        {"world": {"githb": {}}}, {"name": 5},
    ],
)  # fmt: skip
def test_what_the_loader_refuses_an_editor_marks(
    validator: jsonschema.Draft202012Validator, change: dict[str, Any]
) -> None:
    assert wrong(validator, {"name": "a", "run": [{"code": "ls"}], **change}) != []


def test_keys_are_explained_and_evaluators_told_by_their_type() -> None:
    schema = scenario_schema()
    definitions = schema["$defs"]
    assert definitions["Step"]["properties"]["code"]["description"] == "Executed in the environment."
    assert schema["description"] == "A scenario file, checked."
    types = [
        definitions[item["$ref"].rpartition("/")[2]] for item in definitions["Evaluation"]["oneOf"] if "$ref" in item
    ]
    assert [item["properties"]["type"]["const"] for item in types] == sorted(REGISTRY)
    assert all(item["description"] for item in types)
    verdict = published(Verdict)
    assert "In words" in verdict["properties"]["reason"]["description"]
