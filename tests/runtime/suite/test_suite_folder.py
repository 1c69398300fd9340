"""Suites are found by name, and what is read is what was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from suite_stand_in import Execute, trials

from practicum.errors import UsageError
from practicum.runtime.suite import Progress, all_suites, duration, find_suite, new_suite, read_suite, run_suite
from practicum.scenarios.statistics import Row


@pytest.fixture
async def three(quick: Execute) -> list[str]:
    return [
        (await run_suite(trials(n), quick, folder=new_suite(), name=f"s{n}", kind="trials")).suite for n in (1, 2, 3)
    ]


async def test_a_suite_is_found_by_id_beginning_path_and_age(three: list[str], home: Path) -> None:
    assert [suite.suite for suite in all_suites()] == three
    assert find_suite("last").suite == three[2]
    assert find_suite("last~1").suite == three[1]
    assert find_suite(three[0]).suite == three[0]
    assert find_suite(three[0].lower()).suite == three[0]
    folder = home / "suites" / three[1]
    assert find_suite(str(folder)).suite == find_suite(str(folder / "suite.json")).suite == three[1]
    assert read_suite(find_suite("last~2")).planned == 1


@pytest.mark.parametrize("name", ["last~3", "last~x", "NOPE", "", "nowhere/suite.json", "x.json"])
async def test_a_suite_that_is_not_there_is_said(three: list[str], name: str) -> None:
    with pytest.raises(UsageError):
        find_suite(name)


async def test_a_beginning_that_fits_several_is_refused(three: list[str]) -> None:
    with pytest.raises(UsageError, match="fits 3 suites"):
        find_suite(three[0][:4])


def test_without_any_it_is_said_how_to_make_one() -> None:
    with pytest.raises(UsageError, match="practicum matrix"):
        find_suite()


async def test_a_line_that_was_cut_off_is_left_out(three: list[str], home: Path) -> None:
    folder = find_suite("last")
    result = read_suite(folder)
    folder.write(result.model_copy(update={"complete": False, "rows": []}))
    with (folder.path / "results.jsonl").open("a") as file:
        file.write('{"key": "9.9", "scen')
    assert [row.key for row in read_suite(folder).rows] == ["1.1", "1.2", "1.3"]


def test_what_is_no_result_is_said() -> None:
    folder = new_suite()
    folder.result.write_text("{}")
    with pytest.raises(UsageError, match="is not the result of a suite"):
        read_suite(folder)


def test_progress_counts_and_tells_when_it_may_be_over() -> None:
    now = [0.0]
    progress = Progress(6, clock=lambda: now[0])
    first, second, third = trials(3)
    assert progress.left_s is None
    for trial in (first, second, third):
        progress.started(trial)
    now[0] = 90.0
    for trial, outcome in ((first, "passed"), (second, "infrastructure")):
        progress.ended(trial, Row.model_validate({"key": trial.key, "scenario": "s", "outcome": outcome}))
    assert progress.left_s == 180.0
    assert progress.line() == "2/6  1 passed  1 else  1 running  3m 00s left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0266, "27 ms"), (0.44, "0.4 s"), (12.3, "12 s"), (200, "3m 20s"), (3599.9, "1h 00m"), (3900, "1h 05m")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
