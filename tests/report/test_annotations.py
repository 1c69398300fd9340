"""Annotations of GitHub Actions: at the right line, one command a line, and none of an agent's."""

import re
from pathlib import Path

import pytest
from told_verdict import evaluation, hostile_verdict, verdict

from practicum.report.annotations import annotations, muted

SCENARIO = """name: small
run:
  - input: hello
    evaluations:
      - {type: string_contains, value: x}
      - {type: file_exists, path: out.txt}
    conversation:
      turn_evaluations:
        - {type: regex_match, pattern: y}
      final_evaluations:
        - {type: llm_judge, name: polite, prompt: p}
evaluations:
  - type: step_count
"""


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "small.scenario.yaml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "small.scenario.yaml")


def test_each_failure_stands_at_its_line(scenario: str) -> None:
    failed = verdict(
        evaluation("string_contains", step=0, place="run[0].evaluations[0]"),
        evaluation("file_exists", "failed", step=0, place="run[0].evaluations[1]"),
        evaluation("regex_match", "failed", step=0, turn=1, place="run[0].conversation.turn_evaluations[0]"),
        evaluation("regex_match", "failed", step=0, turn=2, place="run[0].conversation.turn_evaluations[0]"),
        evaluation("polite", "failed", step=0, place="run[0].conversation.final_evaluations[0]"),
        evaluation("step_count", "error", place="evaluations[0]"),
        evaluation("of_unknown_place", "failed", step=0),
        scenario_file=scenario,
        outcome="failed",
    )
    assert annotations([failed]) == [
        "::error file=small.scenario.yaml,line=6,title=small%3A file_exists::file_exists seen (step 1)",
        "::error file=small.scenario.yaml,line=9,title=small%3A regex_match::regex_match seen (step 1, turn 1)",
        "::error file=small.scenario.yaml,line=9,title=small%3A regex_match::regex_match seen (step 1, turn 2)",
        "::error file=small.scenario.yaml,line=11,title=small%3A polite::polite seen (step 1)",
        "::error file=small.scenario.yaml,line=13,title=small%3A step_count (error)::step_count seen",
        "::error file=small.scenario.yaml,line=3,title=small%3A of_unknown_place::of_unknown_place seen (step 1)",
    ]


def test_a_file_that_is_wrong_is_told_at_the_line_that_its_reason_names(scenario: str) -> None:
    for reason, line in ((f"{scenario}:4: run: is missing", 4), ("docker:7: is not there", 1), (f"{scenario}: odd", 1)):
        [told] = annotations([verdict(scenario_file=scenario, outcome="infrastructure", reason=reason)])
        assert told.startswith(f"::error file=small.scenario.yaml,line={line},title=small%3A infrastructure::")


def test_a_run_of_one_step_written_as_an_object_has_lines_too(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("name: one\nrun:\n  code: 'true'\n  evaluations:\n    - {type: string_contains, value: x}\n")
    item = evaluation("string_contains", "failed", step=0, place="run[0].evaluations[0]")
    failed = verdict(item, scenario_file=str(path), outcome="failed")
    assert ",line=5," in annotations([failed])[0]


def test_a_file_that_is_gone_or_broken_is_no_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    for path in (broken, tmp_path / "gone.yaml"):
        failed = verdict(evaluation("e", "failed"), scenario_file=str(path), outcome="failed")
        assert ",line=1," in annotations([failed])[0]
    assert annotations([verdict(evaluation("e", "failed"), outcome="failed")]) == ["::error title=small%3A e::e seen"]


def test_well_is_silent_weak_is_a_warning_and_no_verdict_an_error() -> None:
    assert annotations([verdict(evaluation("e"))]) == []
    [weak] = annotations([verdict(evaluation("e", counts=False, weak="the user said it"))])
    assert weak == "::warning title=small%3A e is weak::e seen"
    [dispensable] = annotations([verdict(evaluation("e"), evaluation("f", "failed"), outcome="passed")])
    assert dispensable.startswith("::warning ")
    [broken] = annotations([verdict(outcome="limit", reason="100% of\nthe time")])
    assert broken == "::error title=small%3A limit::100%25 of%0Athe time"


def test_an_agent_cannot_write_a_command() -> None:
    for line in annotations([hostile_verdict()]):
        assert re.match(r"::(error|warning) ", line)
        assert "\n" not in line
        assert "\r" not in line
        assert "\x1b" not in line
        heading = line.split("::")[1]
        assert (
            len(re.findall(r"[a-z]+=", heading.replace("src=", "").replace("onerror=", "").replace("file=a", ""))) == 1
        )


def test_muting_names_a_word_that_nobody_can_guess() -> None:
    begin, end = muted()
    assert begin.removeprefix("::stop-commands::") == end.strip(":")
    assert muted() != (begin, end)
