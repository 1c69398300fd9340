"""`practicum new` makes scenarios that run, and that the teams which do nothing fail; `practicum list` finds them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml
from practicum_command import Practicum

TEAMS = {"oracle": 0, "idle": 1, "narrator": 1, "cheat": 1}


def test_the_smallest_one_passes_at_once(practicum: Practicum) -> None:
    made = practicum("new", "first")
    assert made.returncode == 0, made.stderr
    assert "practicum run first" in made.stdout
    done = practicum("run", "first")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 evaluations" in done.stdout


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.sandbox
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["agent", "team", "conversation"])
def test_the_oracle_passes_and_the_others_fail(practicum: Practicum, kind: str) -> None:
    assert practicum("new", f"my-{kind}", "--kind", kind).returncode == 0
    running = {team: practicum.start("run", f"my-{kind}", "--team", team) for team in TEAMS}
    ended = {}
    for team, process in running.items():
        stdout, stderr = process.communicate(timeout=200)
        ended[team] = process.returncode
        assert "Traceback" not in stdout + stderr
    assert ended == TEAMS


def test_nothing_is_overwritten_and_a_name_is_a_name(practicum: Practicum) -> None:
    (practicum.cwd / "mine").mkdir()
    (practicum.cwd / "mine" / "notes.txt").write_text("precious")
    done = practicum("new", "mine")
    assert (done.returncode, "is there already" in done.stderr) == (2, True)
    assert [path.name for path in (practicum.cwd / "mine").iterdir()] == ["notes.txt"]
    (practicum.cwd / "file").touch()
    assert practicum("new", "file").returncode == 2
    assert practicum("new", "no name").returncode == 2
    assert practicum("new", "--kind", "nothing", "x").returncode == 2


def test_a_path_may_lead_to_it(practicum: Practicum) -> None:
    assert practicum("new", "scenarios/deep/one").returncode == 0
    written = practicum.cwd / "scenarios" / "deep" / "one" / "scenario.yaml"
    assert yaml.safe_load(written.read_text())["name"] == "one"
    assert "practicum run scenarios/deep/one" in written.read_text()


def test_scenarios_of_the_folder_are_listed_and_wrong_ones_named(practicum: Practicum) -> None:
    practicum("new", "mine/first")
    write(practicum.cwd / "tests" / "two.scenario.yaml", "name: two\nrun: [{code: 'true'}]\n")
    write(practicum.cwd / "wrong.scenario.yaml", "name: wrong\n")
    write(practicum.cwd / "node_modules" / "x.scenario.yaml", "name: x\n")
    write(practicum.cwd / ".hidden" / "x.scenario.yaml", "name: x\n")
    assert practicum("run", "mine/first").returncode == 0  # a run keeps its scenario, which is not listed
    rows = [json.loads(line) for line in practicum("list", "--json").stdout.splitlines()]
    here = [row for row in rows if not row["comes_along"]]
    assert [row["path"] for row in here] == ["wrong.scenario.yaml", "mine/first", "tests/two.scenario.yaml"]
    assert "run: is missing" in here[0]["wrong"]
    assert (here[1]["steps"], here[1]["evaluations"], here[1]["environment"]) == (1, 3, "local")
    assert "dev-team" in [row["name"] for row in rows if row["comes_along"]]
    told = practicum("list").stdout
    assert "mine/first  Counts the lines of a file" in told
    assert "code alone" in told


def test_what_is_no_folder_is_said(practicum: Practicum) -> None:
    write(practicum.cwd / "one.scenario.yaml", "name: one\nrun: [{code: 'true'}]\n")
    for name, said in (("nowhere", "no such folder"), ("one.scenario.yaml", "not a folder")):
        done = practicum("list", name)
        assert (done.returncode, said in done.stderr, done.stdout) == (2, True, "")


def test_a_pipe_or_a_folder_of_such_a_name_is_no_scenario(practicum: Practicum) -> None:
    os.mkfifo(practicum.cwd / "pipe.scenario.yaml")
    (practicum.cwd / "folder.scenario.yaml").mkdir()
    write(practicum.cwd / "broken.scenario.yaml", "name: {\n")
    rows = [json.loads(line) for line in practicum("list", "--json").stdout.splitlines()]
    assert [row["path"] for row in rows if not row["comes_along"]] == ["broken.scenario.yaml"]
    write(practicum.cwd / "one.scenario.yaml", "name: one\nenvironment: local\nrun: [{code: 'true'}]\n")
    done = practicum("run", ".")
    assert (done.returncode, "2 scenarios" in done.stdout) == (2, True)
    assert "   1 x infrastructure  broken.scenario.yaml:2: not YAML" in done.stdout
    assert re.search(r"^  broken +0 of 0", done.stdout, re.MULTILINE)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
