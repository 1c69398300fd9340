"""`practicum run` with several scenarios, or several trials of one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from practicum.bus.event import Event
from practicum.cli.suite_console import SuiteConsole
from practicum.errors import PracticumError
from practicum.runtime.logs import log_to
from practicum.runtime.plan import Options
from practicum.runtime.running import run_one
from practicum.runtime.suite import (
    SuiteKind,
    Trial,
    new_suite,
    run_suite,
    suite_exit_code,
    trials_of_files,
)
from practicum.scenarios.lines import read_yaml
from practicum.scenarios.statistics import Row
from practicum.scenarios.verdict import Verdict

_CODE_AT_ONCE = 4
"""Runs of code alone that are under way at a time, when nobody says otherwise: most of each is waiting."""


def run_many(
    files: Sequence[Path],
    options: Options,
    *,
    trials: int,
    parallel: int,
    json: bool,
    quiet: bool,
    arguments: Sequence[str],
) -> tuple[int, list[Verdict]]:
    """Run each file so many times; the exit code, and the verdict of each run, those that never began included.

    Raises:
        PracticumError: the results cannot be kept.
    """
    folder = new_suite()
    log_to(folder.path / "launcher.log")
    values = [_read(path) for path in files]
    named = [(_name(value, path), path) for value, path in zip(values, files, strict=True)]
    jobs = trials_of_files(named, options, trials)
    console = SuiteConsole(len(jobs), quiet=quiet or json)
    verdicts: dict[str, Verdict] = {}

    async def execute(trial: Trial) -> Verdict:
        def seen(event: Event, number: int) -> None:
            trial.run = event.run  # so that the row of one that is stopped, or breaks, names its run too

        verdict = await run_one(str(trial.path), trial.options, trial=trial.trial, on_event=seen, arguments=arguments)
        verdicts[trial.key] = verdict
        return verdict

    kind: SuiteKind = "files" if len(files) > 1 else "trials"
    name = named[0][0] if len(files) == 1 else f"{len(files)} scenarios"
    console.header(name, folder)
    result = asyncio.run(
        run_suite(
            jobs,
            execute,
            folder=folder,
            name=name,
            kind=kind,
            parallel=parallel or _parallel(values),
            on_start=console.started,
            on_end=console.ended,
        )
    )
    if json:
        print(result.model_dump_json(indent=1))
    else:
        console.summary(result, folder)
    told = [verdicts.get(row.key) or never_began(row) for row in result.rows]
    return int(suite_exit_code(result)), told


def never_began(row: Row) -> Verdict:
    """The verdict of a run that was refused or broke before there was one, for reports."""
    return Verdict(
        run=row.run,
        scenario=row.scenario,
        scenario_file=row.file,
        outcome=row.outcome,
        reason=row.reason,
        started=datetime.now(UTC),
        seconds=row.seconds,
        team="",
        agents={},
        services={},
        isolation={},
        agents_isolation={},
        evaluations=[],
        parameters=row.parameters,
        trial=row.trial,
    )


def _read(path: Path) -> dict[str, Any]:
    """What a file says, as far as it can be read: its run will tell what is wrong with it."""
    try:
        value = read_yaml(path).value
    except PracticumError:
        return {}
    return value if isinstance(value, dict) else {}


def _name(value: dict[str, Any], path: Path) -> str:
    """A scenario's name; its file's where it has none that can be read."""
    name = value.get("name")
    return name if isinstance(name, str) and name else path.stem.removesuffix(".scenario")


def _parallel(values: Sequence[dict[str, Any]]) -> int:
    """How many at once: several where all are code alone, else one after the other."""
    for value in values:
        steps = value.get("run")
        listed = steps if isinstance(steps, list) else [steps]
        if not all(isinstance(step, dict) and "code" in step for step in listed):
            return 1
    return max(_CODE_AT_ONCE, os.cpu_count() or 1)
