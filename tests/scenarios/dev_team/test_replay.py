"""A recorded run of the five roles, driven again from its record with nothing else there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from practicum_command import Practicum, copy_scenario

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.broker, pytest.mark.timeout(240)]

SCENARIO = Path(__file__).resolve().parents[3] / "scenarios" / "dev-team"

CHANGES = {
    "pm": ("product_manager.py", "Tell users how to use it", "Tell the users how it is used"),
    "lead": ("lead.py", "Design, and a skeleton that answers", "Design, and a skeleton"),
    "dev-1": ("developer.py", "Make short links and follow them", "Make short links, follow them"),
    "qa": ("qa.py", "Acceptance tests, and what is covered", "Acceptance tests and coverage"),
    "devops": ("devops.py", 'name=f"Shortlink {plan.tag}"', 'name=f"The Shortlink {plan.tag}"'),
}
"""Agent to a file of the scripts, a text that it holds, and another."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Practicum, Path]:
    folder = tmp_path_factory.mktemp("replay")
    scenario = copy_scenario(folder / "dev-team", SCENARIO)
    practicum = Practicum(folder / "home", folder)
    done = practicum("run", str(scenario), "--quiet", timeout=220)
    assert done.returncode == 0, done.stdout + done.stderr
    return practicum, scenario


@pytest.fixture
def edited(recorded: tuple[Practicum, Path]) -> Iterator[tuple[Practicum, Path]]:
    """The run and its scripts, which are put back afterwards."""
    practicum, scenario = recorded
    before = {path: path.read_bytes() for path in (scenario / "teams").rglob("*.py")}
    yield practicum, scenario / "teams" / "_oracle"
    for path, content in before.items():
        path.write_bytes(content)


def replay(practicum: Practicum) -> tuple[int, dict[str, Any]]:
    done = practicum("replay", "last", "--json", timeout=120)
    assert done.stderr == ""
    result: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, result


def test_an_unchanged_team_replays_equal(recorded: tuple[Practicum, Path]) -> None:
    code, result = replay(recorded[0])
    assert (code, result["divergences"]) == (0, [])
    assert result["events"] > 500


@pytest.mark.parametrize("agent", CHANGES)
def test_a_change_in_one_script_diverges_at_that_role(edited: tuple[Practicum, Path], agent: str) -> None:
    practicum, scripts = edited
    name, old, new = CHANGES[agent]
    text = (scripts / name).read_text()
    assert text.count(old) == 1
    (scripts / name).write_text(text.replace(old, new))
    code, result = replay(practicum)
    assert code == 1
    assert {item["agent"] for item in result["divergences"]} == {agent}
    [divergence] = result["divergences"]
    assert divergence["what"].startswith("tool ")
    assert divergence["turn"] >= 1
    assert any(line.startswith("-") for line in divergence["diff"])
    assert any(line.startswith("+") for line in divergence["diff"])


def test_a_changed_comment_stays_equal(edited: tuple[Practicum, Path]) -> None:
    practicum, scripts = edited
    for name, _, _ in CHANGES.values():
        path = scripts / name
        path.write_text(path.read_text() + "\n# Something that only people read.\n")
    code, result = replay(practicum)
    assert (code, result["divergences"]) == (0, [])
