"""Runs of code alone: quick, recorded, judged, alone with themselves."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from practicum_command import Practicum

from practicum.trajectory.verify import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def write(folder: Path, text: str, name: str = "s.scenario.yaml") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def told(done: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(done.stdout)
    return value


TWO_STEPS = """\
name: two steps
environment: ENVIRONMENT
setup: {virtual_fs: {in.txt: "one\\n"}}
run:
  - {name: first, code: "cat in.txt; echo two >> in.txt; echo x > new.txt; echo oops >&2"}
  - name: second
    lang: python
    code: |
      import os
      os.remove("new.txt")
      print(open("in.txt").read())
      raise SystemExit(3)
    evaluations:
      - {type: string_contains, value: two}
      - {type: step_exit_code, expected_code: 3}
      - {type: string_contains, value: one, of: stderr}
judgment: {strategy: any_pass}
"""


@pytest.mark.parametrize("environment", ["local", pytest.param("sandbox", marks=pytest.mark.sandbox)])
def test_each_step_tells_how_it_ended_and_what_it_did_to_files(
    environment: str, practicum: Practicum, tmp_path: Path
) -> None:
    done = practicum("run", write(tmp_path, TWO_STEPS.replace("ENVIRONMENT", environment)), "--json")
    assert done.returncode == 0, done.stderr
    verdict = told(done)
    first, second = verdict["steps"]
    assert (first["exit_code"], first["stdout"], first["stderr"]) == (0, "one\n", "oops\n")
    assert (first["created"], first["changed"], first["deleted"]) == (["new.txt"], ["in.txt"], [])
    assert (second["exit_code"], second["ended"], second["deleted"]) == (3, "exited", ["new.txt"])
    assert first["started_at"] <= first["ended_at"] <= second["started_at"]
    assert [item["outcome"] for item in verdict["evaluations"]] == ["passed", "passed", "failed"]
    assert [item["step"] for item in verdict["evaluations"]] == [1, 1, 1]
    assert verdict["environment"] == environment
    run = practicum.last()
    assert verify(run.path, run.id).events == verdict["events"]
    assert not (run.path / "workspace").exists()
    assert (run.path / "artifacts" / "workspace" / "in.txt").read_text() == "one\ntwo\n"


def test_a_step_that_takes_too_long_and_a_run_that_does_are_told_apart(practicum: Practicum, tmp_path: Path) -> None:
    slow = "name: slow\nrun:\n  - {code: sleep 30, timeout: 300ms, evaluations: [{type: string_contains, value: a}]}\n"
    done = practicum("run", write(tmp_path, slow), "--json")
    assert (done.returncode, told(done)["outcome"]) == (1, "failed")
    assert told(done)["steps"][0]["ended"] == "timeout"
    whole = slow.replace("run:", "limits: {time: 300ms}\nrun:").replace(", timeout: 300ms", "")
    begun = time.monotonic()
    done = practicum("run", write(tmp_path, whole), "--json")
    assert (done.returncode, told(done)["outcome"]) == (3, "limit")
    assert "0.3 s" in told(done)["reason"]
    assert "never came to its end" in told(done)["evaluations"][0]["summary"]
    assert time.monotonic() - begun < 25  # and not the 30 s that the step would take


@pytest.mark.timeout(120)
def test_ctrl_c_ends_a_run_with_a_whole_record(practicum: Practicum, tmp_path: Path) -> None:
    slow = write(tmp_path, "name: slow\nrun:\n  - {code: 'echo started > begun; sleep 30'}\n")
    with practicum.start("run", slow) as process:
        until = time.monotonic() + 50
        while not any(path.exists() for path in practicum.home.glob("runs/*/workspace/begun")):
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=50)
    assert process.returncode == 3
    run = practicum.last()
    assert run.verdict()["outcome"] == "cancelled"
    assert verify(run.path, run.id).seal is not None


def test_a_hundred_in_one_command_are_each_recorded_and_whole(practicum: Practicum) -> None:
    done = practicum("run", str(EXAMPLES / "trivial" / "*.yaml"), "--json")
    suite = told(done)
    assert done.returncode == 0
    assert [row["outcome"] for row in suite["rows"]] == ["passed"] * 100
    assert len({row["run"] for row in suite["rows"]}) == 100
    checked = practicum("verify", "all")
    assert checked.stdout == "100 of 100 runs are whole\n"


def test_runs_at_the_same_time_share_nothing(practicum: Practicum, tmp_path: Path) -> None:
    for number in range(12):
        text = f"name: n{number}\nrun:\n  - code: 'ls; echo {number} > mine; sleep 0.05; cat mine; ls'\n"
        text += f"    evaluations: [{{type: regex_match, pattern: '^{number}\\nmine$', flags: m}}]\n"
        write(tmp_path, text, f"n{number}.scenario.yaml")
    done = practicum("run", str(tmp_path), "--parallel", "6", "--json")
    assert done.returncode == 0, done.stdout
    assert all(row["outcome"] == "passed" for row in told(done)["rows"])


def test_a_folder_for_junit_is_refused_before_anything_runs(practicum: Practicum) -> None:
    (practicum.cwd / "a.yaml").write_text("name: a\nenvironment: local\nrun: [{code: 'true'}]\n")
    done = practicum("run", "a.yaml", "--junit", ".")
    assert (done.returncode, "it is a folder" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert not practicum.home.exists()


def test_several_files_have_one_exit_code_a_junit_file_and_annotations(practicum: Practicum, tmp_path: Path) -> None:
    good = write(
        tmp_path, "name: good\nrun: {code: echo a, evaluations: [{type: string_contains, value: a}]}\n", "g.yaml"
    )
    bad = write(
        tmp_path, "name: bad\nrun: {code: echo '</x>', evaluations: [{type: string_contains, value: b}]}\n", "b.yaml"
    )
    wrong = write(tmp_path, "name: wrong\nrun: {cod: echo a}\n", "w.yaml")
    done = practicum("run", good, bad, wrong, "--junit", "out/j.xml", "--annotations")
    assert done.returncode == 1
    assert "::error " in done.stdout
    xml = (tmp_path / "out" / "j.xml").read_text()
    assert 'tests="3" failures="1" errors="1"' in xml
    assert practicum("run", good, wrong).returncode == 2
    assert practicum("run", str(tmp_path / "none*.yaml")).returncode == 2


def test_an_option_that_code_alone_has_no_use_for_is_refused(practicum: Practicum, tmp_path: Path) -> None:
    file = write(tmp_path, "name: p\nrun: {code: echo a}\n")
    for option in (("--bus", "nats://127.0.0.1:4222"), ("--team", "oracle")):
        done = practicum("run", file, *option)
        assert done.returncode == 2
        assert f"{' '.join(option)} has no effect" in done.stderr
    assert practicum.folders() == []


def test_plugins_and_notes_are_told(practicum: Practicum, tmp_path: Path) -> None:
    text = "name: p\ntags: [a]\nplugins: ['@acme/x@1.0.0', '@acme/x']\nrun: {code: echo a}\n"
    done = practicum("run", write(tmp_path, text))
    assert done.returncode == 2
    assert "plugins[1]: '@acme/x' stands here twice" in done.stderr
    done = practicum("run", write(tmp_path, "name: p\ntags: [a]\nrun: {code: echo a}\n"))
    assert done.returncode == 3
    assert "tags: unknown key, it has no effect" in done.stdout
    assert "INCONCLUSIVE" in done.stdout
    assert practicum("run", "s.scenario.yaml", "--strict").returncode == 2
