"""Many trials: a few at a time, each by itself, none taking the rest along, and something usable when it is stopped."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from suite_stand_in import Execute, trials, verdict

from practicum.errors import InfrastructureError, UsageError
from practicum.runtime.suite import (
    Pool,
    SuiteResult,
    Trial,
    find_suite,
    new_suite,
    read_suite,
    run_suite,
    suite_exit_code,
)
from practicum.scenarios.json_schema import published
from practicum.scenarios.statistics import Row
from practicum.scenarios.verdict import Verdict


async def test_every_trial_has_a_run_of_its_own_and_a_row_in_the_planned_order(quick: Execute, home: Path) -> None:
    folder = new_suite()
    result = await run_suite(trials(20), quick, folder=folder, name="s", kind="trials", parallel=5)
    assert result.complete
    assert [row.trial for row in result.rows] == list(range(1, 21))
    assert len({row.run for row in result.rows}) == 20
    for row in result.rows:
        assert (home / "runs" / row.run / "mine").read_text() == row.key
    assert (result.summary.overall.rate, result.planned, suite_exit_code(result)) == (1.0, 20, 0)
    assert (result.rows[0].tokens, result.rows[0].cost_usd, result.summary.total_tokens) == (10, 0.02, 200)


@pytest.mark.parametrize("parallel", [1, 3, 50])
async def test_never_more_run_than_were_asked_for_and_as_many_as_can(parallel: int) -> None:
    running = most = 0
    full = asyncio.Event()

    async def execute(trial: Trial) -> Verdict:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == min(parallel, 9):
            full.set()
        await full.wait()
        running -= 1
        if parallel == 1:
            full.clear()
        return verdict(trial)

    await run_suite(trials(9), execute, folder=new_suite(), name="s", kind="trials", parallel=parallel)
    assert most == min(parallel, 9)


async def test_a_trial_that_breaks_is_infrastructure_and_the_rest_goes_on() -> None:
    async def execute(trial: Trial) -> Verdict:
        trial.run = f"RUN{trial.trial}"
        match trial.trial:
            case 1:
                raise InfrastructureError("the broker is gone")
            case 2:
                raise UsageError("no such model")
            case 3:
                raise OSError(28, "No space left on device")
            case 4:
                raise KeyError("a mistake of ours")
        return verdict(trial, "failed" if trial.trial == 5 else "passed")

    folder = new_suite()
    result = await run_suite(trials(6), execute, folder=folder, name="s", kind="trials", parallel=2)
    assert [row.outcome for row in result.rows] == ["infrastructure"] * 4 + ["failed", "passed"]
    assert [row.reason.partition(" (")[0] for row in result.rows[:4]] == [
        "the broker is gone",
        "no such model",
        "the system: No space left on device",
        "KeyError: 'a mistake of ours'",
    ]
    assert [row.exit_code for row in result.rows] == [3, 2, 3, 3, 1, 0]
    assert result.rows[0].run == "RUN1"
    assert "Traceback" in (folder.path / "errors.log").read_text()
    assert (result.complete, result.summary.overall.rate, suite_exit_code(result)) == (True, 0.5, 1)


async def test_twenty_trials_of_an_agent_that_fails_at_random_give_the_closed_formulas() -> None:
    chance = random.Random(20)
    passes = [chance.random() < 0.7 for _ in range(20)]

    async def execute(trial: Trial) -> Verdict:
        if trial.trial in (4, 13):
            raise InfrastructureError("the broker is gone")
        return verdict(trial, "passed" if passes[trial.trial - 1] else "failed")

    result = await run_suite(trials(20), execute, folder=new_suite(), name="s", kind="trials", parallel=4)
    c = sum(passed for place, passed in enumerate(passes, 1) if place not in (4, 13))
    overall = result.summary.overall
    assert (overall.outcomes.counted, overall.outcomes.infrastructure, overall.outcomes.passed) == (18, 2, c)
    for at in overall.at_k:
        assert at.pass_at_k == 1 - math.comb(18 - c, at.k) / math.comb(18, at.k)
        assert at.pass_hat_k == math.comb(c, at.k) / math.comb(18, at.k)
    assert overall.interval.low <= 0.7 <= overall.interval.high


async def test_rows_are_on_disk_as_they_come(quick: Execute) -> None:
    folder, seen = new_suite(), []

    def look(trial: Trial, row: Row) -> None:
        lines = (folder.path / "results.jsonl").read_text().splitlines()
        seen.append(json.loads(lines[-1])["key"] == trial.key == row.key and len(lines))

    await run_suite(trials(4), quick, folder=folder, name="s", kind="trials", on_end=look)
    assert seen == [1, 2, 3, 4]


async def test_stopping_starts_no_more_and_cancels_what_runs_with_its_cleaning_up() -> None:
    cleaned, begun = [], []
    two = asyncio.Event()

    async def execute(trial: Trial) -> Verdict:
        begun.append(trial.trial)
        if trial.trial == 1:
            return verdict(trial)
        if len(begun) == 3:
            two.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(trial.trial)
        raise AssertionError

    folder = new_suite()
    pool = Pool(trials(10), execute, folder, 2)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(pool.run())
        await two.wait()
        pool.stop("an operator")
        await running
    assert begun == [1, 2, 3]
    assert sorted(cleaned) == [2, 3]
    assert [(row.outcome, row.reason) for row in pool.rows.values()] == [
        ("passed", ""),
        ("cancelled", "an operator"),
        ("cancelled", "an operator"),
    ]


async def test_whoever_cancels_the_suite_itself_is_obeyed(quick: Execute) -> None:
    async def forever(trial: Trial) -> Verdict:
        await asyncio.Event().wait()
        return verdict(trial)

    folder = new_suite()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run_suite(trials(3), forever, folder=folder, name="s", kind="trials")
    assert not read_suite(folder).complete


async def test_a_disk_that_refuses_ends_the_suite_with_its_reason(quick: Execute) -> None:
    folder = new_suite()
    (folder.path / "results.jsonl").mkdir()
    with pytest.raises(InfrastructureError, match="cannot write"):
        await run_suite(trials(3), quick, folder=folder, name="s", kind="trials")


@pytest.mark.parametrize("count", [0, 2])
async def test_what_cannot_be_run_is_refused(quick: Execute, count: int) -> None:
    doubled = [Trial(key="same", scenario="s", path=Path("s.yaml"), trial=n) for n in range(count)]
    with pytest.raises(UsageError):
        await run_suite(doubled, quick, folder=new_suite(), name="s", kind="trials")
    with pytest.raises(UsageError, match="--parallel 0"):
        await run_suite(trials(1), quick, folder=new_suite(), name="s", kind="trials", parallel=0)


_PROGRAM = """
import asyncio, sys
sys.path.insert(0, {here!r})
from suite_stand_in import trials, verdict
from practicum.runtime.suite import new_suite, run_suite, suite_exit_code

async def execute(trial):
    if trial.trial <= 2:
        return verdict(trial)
    print("running", flush=True)
    await asyncio.Event().wait()

result = asyncio.run(run_suite(trials(9), execute, folder=new_suite(), name="s", kind="trials"))
raise SystemExit(int(suite_exit_code(result)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_a_result_that_can_be_read(home: Path, number: signal.Signals) -> None:
    program = _PROGRAM.format(here=str(Path(__file__).parent))
    environment = {**os.environ, "PRACTICUM_HOME": str(home)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(number)
        code = process.wait(40)
    found = read_suite(find_suite("last"))
    assert (found.complete, found.planned) == (False, 9)
    assert [row.outcome for row in found.rows][:2] == ["passed", "passed"]
    assert found.summary.overall.outcomes.passed == 2
    if number == signal.SIGKILL:
        assert (code, len(found.rows), found.stopped.startswith("not finished")) == (-9, 2, True)
    else:
        assert (code, found.rows[2].outcome, len(found.rows)) == (3, "cancelled", 3)
        assert suite_exit_code(found) == 3


def _with(*rows: tuple[str, int], complete: bool = True) -> SuiteResult:
    made = [
        Row.model_validate({"key": str(n), "scenario": "s", "outcome": o, "exit_code": c})
        for n, (o, c) in enumerate(rows)
    ]
    return SuiteResult.model_validate(
        {
            "suite": "S", "name": "s", "kind": "files", "started": "2026-01-01T00:00:00Z", "seconds": 1,
            "complete": complete, "planned": len(made), "parallel": 1, "rows": made,
            "summary": {"overall": {"outcomes": {}, "rate": None, "interval": {"low": 0, "high": 1}}},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (_with(("passed", 0), ("passed", 0)), 0),
        (_with(("passed", 0), ("failed", 1), ("infrastructure", 3)), 1),
        (_with(("passed", 0), ("infrastructure", 2)), 2),
        (_with(("passed", 0), ("inconclusive", 3)), 3),
        (_with(("failed", 1), complete=False), 3),
        (_with(("passed", 0), complete=False), 3),
    ],
)
def test_the_exit_code_tells_passed_failed_refused_and_the_rest_apart(result: SuiteResult, code: int) -> None:
    assert suite_exit_code(result) == code


async def test_the_published_schema_holds_for_what_is_written(quick: Execute) -> None:
    folder = new_suite()
    await run_suite(trials(3), quick, folder=folder, name="s", kind="matrix", axes={"a": [1, None]})
    schema = published(SuiteResult)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(folder.result.read_text()), schema)
    assert read_suite(folder).axes == {"a": [1, None]}
