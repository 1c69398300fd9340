"""`suite.json`: what came of many runs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from practicum.bus.events import Json
from practicum.errors import ExitCode
from practicum.scenarios.statistics.rows import Row
from practicum.scenarios.statistics.summary import Summary
from practicum.scenarios.verdict import Verdict

SuiteKind = Literal["matrix", "trials", "files"]


class SuiteResult(BaseModel):
    """The result of many runs, as `--json` prints it."""

    suite: str
    """Its id, and the name of its folder."""
    name: str
    """Of the matrix, or of the scenario where there is one, else of what was asked for."""
    kind: SuiteKind
    file: str = ""
    """The matrix file."""
    axes: dict[str, list[Json]] = {}
    """Of a matrix: parameter to values."""
    started: datetime
    seconds: float
    """From the first start to the last end."""
    complete: bool
    """Every run that was planned has ended by itself."""
    stopped: str = ""
    """Why it is not complete."""
    planned: int
    """How many runs it was to be."""
    parallel: int
    rows: list[Row] = []
    """In the order in which they were planned."""
    summary: Summary
    practicum: str = ""
    """Version of Practicum."""
    arguments: list[str] = []
    """How to run it again."""


def suite_exit_code(result: SuiteResult) -> ExitCode:
    """What a command over many runs returns.

    0: all were run and passed. 1: some failed. 2: none failed, and one was refused for what it asks. 3: anything else,
    and always when it was stopped early.
    """
    if not result.complete:
        return ExitCode.INCONCLUSIVE
    if any(row.outcome == "failed" for row in result.rows):
        return ExitCode.FAILED
    if any(row.exit_code == ExitCode.USAGE for row in result.rows):
        return ExitCode.USAGE
    return ExitCode.PASSED if all(row.outcome == "passed" for row in result.rows) else ExitCode.INCONCLUSIVE


def row_of(verdict: Verdict, key: str, file: str = "") -> Row:
    """A run's line among many."""
    agents = verdict.agents.values()
    metered = verdict.facts.get("cost_usd", 0.0)
    return Row(
        key=key,
        scenario=verdict.scenario,
        file=file or verdict.scenario_file,
        parameters=verdict.parameters,
        trial=verdict.trial,
        run=verdict.run,
        outcome=verdict.outcome,
        reason=verdict.reason,
        seconds=verdict.seconds,
        # The gateway's own sum also has what judges and simulated users cost; without one there is the agents' word.
        cost_usd=max(sum(one.cost_usd for one in agents), float(metered) if isinstance(metered, int | float) else 0.0),
        tokens=sum(one.input_tokens + one.output_tokens + one.cached_tokens for one in agents),
        exit_code=verdict.exit_code,
    )
