"""Parts of a team: who is left, who gets the task, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from practicum.errors import UsageError
from practicum.scenarios.loader import load_scenario
from practicum.scenarios.matrix import WORDS, ablate, load_matrix

TEAM = """\
name: shop
team:
  pm:    {role: product-manager}
  boss:  {role: lead}
  dev-1: {role: developer}
  dev-2: {role: developer}
  tester: {role: qa}
  ops:   {role: devops, owns_outcome: true}
run:
  - {input: Build it., to: pm}
  - {input: And hurry.}
  - {input: Deploy it., to: ops}
evaluations:
  - {type: contributors_include, roles: [developer, qa]}
  - {type: message_posted, name: told, service: slack, channel: dev, by_role: devops}
world: {github: {repo: acme/shop}, slack: {channels: [dev]}}
"""


@pytest.fixture
def base(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "shop.yaml").write_text(TEAM)
    return load_scenario(tmp_path / "shop.yaml").value


@pytest.mark.parametrize(
    ("word", "left", "to"),
    [
        ("full", ["pm", "boss", "dev-1", "dev-2", "tester", "ops"], ["pm", None, "ops"]),
        ("no-plan", ["dev-1", "dev-2", "tester", "ops"], ["dev-1", None, "ops"]),
        ("no-verify", ["pm", "boss", "dev-1", "dev-2", "ops"], ["pm", None, "ops"]),
        ("solo", ["dev-1"], ["dev-1", None, "dev-1"]),
    ],
)
def test_who_is_left_and_who_gets_the_task(base: dict[str, Any], word: str, left: list[str], to: list[str]) -> None:
    before = str(base)
    found, _ = ablate(base, word)
    assert list(found["team"]) == left
    assert [step.get("to") for step in found["run"]] == to
    assert str(base) == before


def test_the_one_who_is_left_owns_the_outcome_and_keeps_the_role(base: dict[str, Any]) -> None:
    found, _ = ablate(base, "solo")
    assert found["team"] == {"dev-1": {"role": "developer", "owns_outcome": True}}
    assert ablate(base, "no-verify")[0]["team"]["ops"]["owns_outcome"]


def test_without_a_developer_the_owner_is_left_and_without_an_owner_the_first() -> None:
    run = [{"input": "x"}]
    owned = {"team": {"a": {"role": "lead"}, "b": {"role": "qa", "owns_outcome": True}}, "run": run}
    assert list(ablate(owned, "solo")[0]["team"]) == ["b"]
    plain = {"team": {"a": {"role": "lead"}, "b": {"role": "qa"}}, "run": run}
    assert ablate(plain, "solo")[0]["team"] == {"a": {"role": "lead"}}


def test_evaluations_that_ask_for_somebody_who_is_gone_are_noted(base: dict[str, Any]) -> None:
    assert ablate(base, "full")[1] == []
    assert ablate(base, "no-verify")[1] == [
        "evaluations[0] (contributors_include) asks for qa, who is not in this team"
    ]
    assert [note.split(" asks")[0] for note in ablate(base, "solo")[1]] == [
        "evaluations[0] (contributors_include)",
        "evaluations[1] (told)",
    ]


@pytest.mark.parametrize(
    ("team", "word", "said"),
    [
        ({"a": {"role": "developer"}}, "solo", "no team to reduce"),
        ({"a": {"role": "developer"}, "b": {"role": "qa"}}, "no-plan", "nobody who plans"),
        ({"a": {"role": "developer"}, "b": {"role": "lead"}}, "no-verify", "nobody who verifies"),
        ({"a": {"role": "lead"}}, "no-plan", "nobody would be left"),
        ({}, "solo", "none, it has no team"),
        ({"a": {"role": "developer"}}, "duo", "known: solo, no-plan, no-verify, full"),
    ],
)
def test_a_team_that_has_no_such_role_is_refused_with_those_it_has(team: dict[str, Any], word: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        ablate({"team": team, "run": [{"input": "x"}]}, word)
    assert said in str(caught.value)
    if team and word in WORDS:
        assert all(member["role"] in str(caught.value) for member in team.values())


def test_ablation_is_an_axis_of_a_matrix_after_the_others(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(TEAM)
    path = tmp_path / "m.yaml"
    path.write_text(
        "name: m\nbase_scenario: shop\nmatrix: {team.dev-1.model: [openai/a, openai/b]}\n"
        "ablation: [solo, no-plan, no-verify, full]\n"
    )
    found = load_matrix(path)
    assert found.axes["team"] == ("solo", "no-plan", "no-verify", "full")
    assert len(found.combinations) == 8
    solo = found.combinations[4]
    assert solo.parameters == {"team.dev-1.model": "openai/b", "team": "solo"}
    assert solo.value["team"]["dev-1"]["model"] == "openai/b"
    assert len(solo.notes) == 2


def test_the_words_may_stand_as_values_of_team_beside_whole_teams(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(TEAM.replace(", to: pm", "").replace(", to: ops", ""))
    path = tmp_path / "m.yaml"
    path.write_text("name: m\nbase_scenario: shop\nmatrix: {team: [solo, {x: {role: developer}}]}\n")
    found = load_matrix(path)
    assert [list(item.value["team"]) for item in found.combinations] == [["dev-1"], ["x"]]


def test_a_word_that_does_not_fit_the_team_is_an_error_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(TEAM.replace("  tester: {role: qa}\n", ""))
    path = tmp_path / "m.yaml"
    path.write_text("name: m\nbase_scenario: shop\nablation:\n  - full\n  - no-verify\n")
    with pytest.raises(UsageError) as caught:
        load_matrix(path)
    assert "m.yaml:5: ablation[1]: no-verify: the scenario has nobody who verifies" in str(caught.value)
    assert "dev-1 (developer)" in str(caught.value)
