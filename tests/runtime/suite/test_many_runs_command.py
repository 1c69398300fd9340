"""`practicum matrix` and `practicum compare` as a user types them, with runs that are really made."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable

import pytest
import typer
from practicum_command import Practicum

from practicum.cli.main import main
from practicum.cli.suite_console import confirm_many

BASE = """\
name: greet
environment: {type: local, env: {GREETING: none}}
setup: {virtual_fs: {who.txt: World}}
run:
  - code: 'echo "Hello $(cat who.txt), $GREETING"; touch left-over'
    evaluations:
      - {type: string_contains, value: Hello World}
      - {type: string_contains, value: nice}
      - {type: command_exit_code_is, command: "test $(ls | grep -c left-over) = 1", expected_code: 0}
"""

MATRIX = """\
name: greetings
description: Which greetings are nice?
base_scenario: greet
runs_per_combination: 2
matrix:
  - parameter: environment.env.GREETING
    values: [nice to see you, go away]
  - parameter: setup.virtual_fs["who.txt"]
    values: [World, Moon]
"""


@pytest.fixture
def greet(practicum: Practicum) -> Practicum:
    (practicum.cwd / "greet.scenario.yaml").write_text(BASE)
    (practicum.cwd / "m.yaml").write_text(MATRIX)
    return practicum


Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The command without a process of its own, for what starts nothing."""

    def call(place: Practicum, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(place.cwd)
        monkeypatch.setenv("PRACTICUM_HOME", str(place.home))
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_a_dry_run_lists_everything_and_starts_nothing(greet: Practicum, here: Here) -> None:
    code, out, _ = here(greet, "matrix", "m.yaml", "--dry-run")
    assert code == 0
    assert "4 combinations x 2 runs = 8 runs" in out
    assert '4  environment.env.GREETING=go away, setup.virtual_fs["who.txt"]=Moon' in out
    assert not greet.home.exists()


def test_a_dry_run_as_json_has_the_combinations_and_counts(greet: Practicum, here: Here) -> None:
    found = json.loads(here(greet, "matrix", "m.yaml", "--dry-run", "--json", "--filter", "Moon", "--trials", "5")[1])
    assert (found["runs"], found["runs_per_combination"]) == (10, 5)
    assert [item["index"] for item in found["combinations"]] == [2, 4]


def test_every_run_is_judged_and_isolated_and_the_record_says_what_it_was(greet: Practicum) -> None:
    done = greet("matrix", "m.yaml", "--parallel", "3", "--json")
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    outcomes = {}
    for row in result["rows"]:
        outcomes.setdefault(tuple(row["parameters"].values()), []).append(row["outcome"])
        verdict = json.loads((greet.home / "runs" / row["run"] / "verdict.json").read_text())
        assert (verdict["outcome"], verdict["parameters"], verdict["trial"]) == (
            row["outcome"], row["parameters"], row["trial"],
        )  # fmt: skip
        # Nothing of another run is there: the file that each leaves behind is counted once everywhere.
        assert verdict["evaluations"][2]["outcome"] == "passed"
    assert outcomes == {
        ("nice to see you", "World"): ["passed", "passed"],
        ("nice to see you", "Moon"): ["failed", "failed"],
        ("go away", "World"): ["failed", "failed"],
        ("go away", "Moon"): ["failed", "failed"],
    }
    assert (result["complete"], result["planned"], result["summary"]["overall"]["rate"]) == (True, 8, 0.25)
    on_disk = json.loads((greet.home / "suites" / result["suite"] / "suite.json").read_text())
    assert on_disk == result


def test_plain_output_has_a_line_for_each_run_and_a_summary_with_intervals(greet: Practicum) -> None:
    done = greet("matrix", "m.yaml", "--filter", "environment.env.GREETING=nice*")
    assert done.returncode == 1
    assert re.findall(r"^ +(\d)/4  (\w+)", done.stdout, re.MULTILINE) == [
        ("1", "passed"), ("2", "failed"), ("3", "passed"), ("4", "failed"),
    ]  # fmt: skip
    assert "2 of 4 passed   50% (95% interval 15% to 85%)" in done.stdout
    assert "\x1b" not in done.stdout
    assert "who.txt=World" in done.stdout
    assert "practicum compare" in done.stdout


def test_all_passed_is_zero(greet: Practicum) -> None:
    done = greet("matrix", "m.yaml", "--filter", "nice", "--filter", "World", "--verbose")
    assert done.returncode == 0, done.stdout
    assert "pass@2 1.00  pass^2 1.00" in done.stdout
    assert "exit 0" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "no such file"),
        (["m.yaml", "--filter", "zzz"], "no combination fits"),
        (["m.yaml", "--parallel", "0"], "--parallel"),
        (["greet.scenario.yaml"], "base_scenario: is missing"),
        (["m.yaml", "--team", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_is_two_and_starts_nothing(
    greet: Practicum, here: Here, arguments: list[str], said: str
) -> None:
    code, _, err = here(greet, "matrix", *arguments)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not greet.home.exists()


def test_a_model_that_is_missing_is_said_before_anything_starts(greet: Practicum, here: Here) -> None:
    (greet.cwd / "greet.scenario.yaml").write_text("name: talk\nrun: [{input: hello}]\n")
    (greet.cwd / "m.yaml").write_text("name: m\nbase_scenario: greet\nmatrix: {'run[0].input': [a, b]}\n")
    code, _, err = here(greet, "matrix", "m.yaml")
    assert code == 3
    assert "--model" in err
    assert not greet.home.exists()


def test_above_fifty_runs_there_is_a_warning_and_on_a_terminal_a_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    confirm_many(50, False)
    confirm_many(51, True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    confirm_many(51, False)
    assert "warning: 51 runs" in capsys.readouterr().err
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *a, **k: False)
    with pytest.raises(typer.Abort):
        confirm_many(51, False)


def test_the_record_of_each_run_keeps_the_scenario_as_it_was_run(greet: Practicum) -> None:
    (greet.cwd / "greet.scenario.yaml").write_text(f"{BASE}  - {{code: echo two}}\n")
    (greet.cwd / "m.yaml").write_text(
        "name: m\nbase_scenario: greet\nmatrix: {'run[1].code': [echo left, echo right]}\n"
    )
    result = json.loads(greet("matrix", "m.yaml", "--json").stdout)
    printed = []
    for row in result["rows"]:
        verdict = json.loads((greet.home / "runs" / row["run"] / "verdict.json").read_text())
        printed.append(verdict["steps"][1]["stdout"].strip())
        assert printed[-1] in (greet.home / "runs" / row["run"] / "scenario.yaml").read_text()
    assert printed == ["left", "right"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_what_runs_and_leaves_a_result_that_compare_reads(
    greet: Practicum, here: Here, number: signal.Signals
) -> None:
    (greet.cwd / "greet.scenario.yaml").write_text(
        "name: wait\nrun: [{code: 'echo begun; sleep $N', evaluations: [{type: string_contains, value: begun}]}]\n"
        "environment: {type: local, env: {N: '0'}}\n"
    )
    (greet.cwd / "m.yaml").write_text("name: m\nbase_scenario: greet\nmatrix: {environment.env.N: ['0', '50', '51']}\n")
    with greet.start("matrix", "m.yaml") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "1/3  passed" in line:
                break
        process.send_signal(number)
        rest, _ = process.communicate(timeout=40)
    assert process.returncode == 3
    assert "STOPPED" in rest
    code, out, _ = here(greet, "compare", "last", "last", "--json")
    assert (code, json.loads(out)["outcomes_a"]["passed"]) == (0, 1)
    code, out, _ = here(greet, "report", "--format", "json")  # `last` is the suite, not a run of it that was ended
    assert (code, json.loads(out)["summary"]["overall"]["outcomes"]["passed"]) == (0, 1)


def test_what_ctrl_c_ended_among_several_files_is_a_row_with_its_run(greet: Practicum, here: Here) -> None:
    begun = greet.cwd / "begun"
    os.mkfifo(begun)
    for name, code in {"a": "echo done", "b": f"echo > {begun}; sleep 50"}.items():
        text = f"name: {name}\nenvironment: local\nrun: [{{code: '{code}', evaluations: [{{type: step_exit_code}}]}}]\n"
        (greet.cwd / f"{name}.scenario.yaml").write_text(text)
    with greet.start("run", "a.scenario.yaml", "b.scenario.yaml", "--parallel", "1", "--junit", "j.xml") as process:
        begun.read_text()  # the second one's code is running
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=40)
    assert process.returncode == 3
    assert "stopped by Ctrl-C; 2 of 2 runs are here" in out
    [suite] = (greet.home / "suites").iterdir()
    rows = json.loads((suite / "suite.json").read_text())["rows"]
    assert [row["outcome"] for row in rows] == ["passed", "cancelled"]
    assert {row["run"] for row in rows} == {folder.name for folder in greet.folders()}
    assert f"run {rows[1]['run']}: cancelled" in (greet.cwd / "j.xml").read_text()
    assert here(greet, "report")[1].strip() == str(suite / "report.html")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Practicum:
    """Two suites: all that is nice, then all of the world; six trials each, nice worlds in both."""
    folder = tmp_path_factory.mktemp("two")
    place = Practicum(folder / "home", folder)
    (folder / "greet.scenario.yaml").write_text(BASE)
    (folder / "m.yaml").write_text(MATRIX)
    for word in ("nice", "World"):
        done = place("matrix", "m.yaml", "--filter", word, "--trials", "6", "--parallel", "4")
        assert done.returncode == 1, done.stderr
    return place


class TestCompare:
    def test_matches_trials_and_tells_difference_interval_and_what_could_be_seen(
        self, two: Practicum, here: Here
    ) -> None:
        code, out, _ = here(two, "compare", "last~1", "last")
        assert code == 0
        assert re.search(r"GREETING=nice to see you, who.txt=World +6/6 +6/6 +\+0 +6 ", out)
        assert "no difference is shown: +0 points (95% interval -39 to +39), p 1.000" in out
        assert "6 matched trials show a difference of 96 points with 80 % probability" in out
        assert "not compared: 6 runs only in A, 6 runs only in B" in out

    def test_two_sides_of_one_suite_by_a_parameter_and_the_worse_one_is_one(self, two: Practicum, here: Here) -> None:
        nice, go = "environment.env.GREETING=nice*", "environment.env.GREETING=go*"
        code, out, _ = here(two, "compare", "last", "last", "--a", nice, "--b", go)
        assert code == 1
        assert "B is worse: -100 points" in out
        assert here(two, "compare", "last", "last", "--a", go, "--b", nice)[0] == 0
        code, out, _ = here(two, "compare", "last", "last", "--a", "nice", "--b", "go away", "--json")
        assert (code, json.loads(out)["pairs"]["only_a"]) == (3, 0)  # a bare word chooses, and names no parameter

    def test_runs_by_pattern_and_one_by_its_id(self, two: Practicum, here: Here) -> None:
        assert json.loads(here(two, "compare", "*", "last", "--json")[1])["outcomes_a"]["counted"] == 24
        run = two.folders()[0].name
        found = json.loads(here(two, "compare", run, f"{two.home}/runs/{run}*", "--json")[1])
        assert found["pairs"]["both"] == 1

    @pytest.mark.parametrize("arguments", [["last", "NOPE"], ["last", "NOPE*"], ["last", "last", "--a", "x=1"]])
    def test_what_is_not_there_is_two(self, two: Practicum, here: Here, arguments: list[str]) -> None:
        code, _, err = here(two, "compare", *arguments)
        assert (code, "Traceback" in err) == (2, False)

    def test_a_value_that_no_run_had_is_told_with_those_that_they_had(self, two: Practicum, here: Here) -> None:
        code, _, err = here(two, "compare", "last", "last", "--a", "environment.env.GREETING=hi")
        assert (code, "environment.env.GREETING: nice to see you, go away" in err) == (2, True)
