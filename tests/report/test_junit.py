"""JUnit XML: continuous integration counts what we count, and shows what agents wrote as text."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from told_verdict import evaluation, hostile_verdict, step, verdict

from practicum.report.junit import junit, write_junit


def test_a_suite_a_file_and_a_case_a_run() -> None:
    same = {"scenario": "a", "scenario_file": "examples/a.scenario.yaml"}
    root = ET.fromstring(
        junit(
            [
                verdict(evaluation("e"), **same),
                verdict(
                    evaluation("e"), evaluation("f", "failed", step=1, summary="no such file"),
                    **same, trial=2, outcome="failed", reason="1 of 2 evaluations failed: f",
                    steps=[step(), step(1, name="build")],
                ),
                verdict(scenario="b", outcome="infrastructure", reason="no docker"),
            ]
        )
    )  # fmt: skip
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "time")} == {
        "tests": "3", "failures": "1", "errors": "1", "time": "7.500",
    }  # fmt: skip
    assert [(suite.get("name"), suite.get("tests"), suite.get("file")) for suite in root] == [
        ("a", "2", "examples/a.scenario.yaml"),
        ("b", "1", None),
    ]
    passed, failed, broken = root.iter("testcase")
    assert (passed.get("classname"), passed.get("name")) == ("examples.a", "a")
    assert passed.find("failure") is passed.find("error") is None
    assert failed.get("name") == "a [trial 2]"
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "1 of 2 evaluations failed: f"
    assert 'failed: f (step 2 "build"): no such file' in str(failure.text)
    error = broken.find("error")
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("infrastructure", "no docker")


def test_a_run_that_never_began_has_no_name() -> None:
    written = junit([verdict(run="", outcome="cancelled", reason="stopped by Ctrl-C")])
    assert "a run that never began: cancelled in 2.5 s" in written


def test_whatever_is_no_verdict_is_no_pass() -> None:
    outcomes = ("passed", "failed", "inconclusive", "limit", "infrastructure", "cancelled")
    root = ET.fromstring(junit([verdict(outcome=outcome, reason="why") for outcome in outcomes]))
    assert [[child.tag for child in case if child.tag in ("failure", "error")] for case in root.iter("testcase")] == [
        [], ["failure"], ["error"], ["error"], ["error"], ["error"],
    ]  # fmt: skip


def test_hostile_text_is_text_and_legal_xml(tmp_path: Path) -> None:
    written = junit([hostile_verdict()], tmp_path)
    root = ET.fromstring(written)  # a parser refuses any character that XML 1.0 does not have
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "properties", "property", "failure", "system-out",
    }  # fmt: skip
    text = "".join(root.itertext())
    assert "<img src=x onerror=alert(1)>" in text
    assert r"\x1b[31mred\x1b]0;title\x07\u202egnp\x00\u200b" in text
    assert not [c for c in written if (ord(c) < 32 and c != "\n") or c in "\u202e\u200b"]
    # An agent does not choose which files a build server keeps.
    assert "[[ATTACHMENT|" not in (root.findtext(".//system-out") or "") + (root.findtext(".//failure") or "")


def test_files_of_a_run_are_attached_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "01TEST").mkdir()
    (tmp_path / "01TEST" / "verdict.json").touch()
    target = tmp_path / "out" / "junit.xml"
    write_junit([verdict()], target, tmp_path)
    written = target.read_text()
    assert f"[[ATTACHMENT|{tmp_path}/01TEST/verdict.json]]" in written
    assert "trajectory.jsonl" not in written
    assert [path.name for path in target.parent.iterdir()] == ["junit.xml"]


def test_output_of_steps_stands_in_the_case() -> None:
    code = step(stdout="one\n  two", stderr="oh", exit_code=3, name="first")
    root = ET.fromstring(junit([verdict(steps=[code], notes=["a.yaml:3: run is one step"])]))
    out = root.findtext(".//system-out") or ""
    assert 'step 1 "first" (code): exited, exit code 3\none\n  two\noh' in out
    assert "note: a.yaml:3: run is one step" in out
