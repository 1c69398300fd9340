"""What a report is about: a run, a suite of runs, or several of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from practicum.errors import UsageError
from practicum.report.overview import Overview, overview
from practicum.runtime.places import RunFolder, all_runs, find_run, root
from practicum.runtime.suite.folder import SuiteFolder, all_suites, find_suite, read_suite
from practicum.scenarios.statistics import Row
from practicum.scenarios.suite import row_of
from practicum.scenarios.verdict import Verdict

Target = RunFolder | SuiteFolder


@dataclass(frozen=True)
class Gathered:
    """The runs of some targets."""

    overview: Overview
    folders: dict[str, Path]
    """Run to its folder, as far as these are there."""


def find_target(name: str) -> Target:
    """A run or a suite, by id, by the beginning of one, by path; `last` is the newest of both.

    Raises:
        UsageError: there is none, or several begin like that.
    """
    if name == "last":
        return _last()
    if "/" in name or name.endswith(".json"):
        path = Path(name)
        return find_run(name) if (path / "run.json").is_file() else find_suite(name)
    if any(suite.suite.lower().startswith(name.lower()) for suite in all_suites()):
        return find_suite(name)
    return find_run(name)


def _last() -> Target:
    """The newest suite, unless there is a run that is newer and none of its own."""
    runs, suites = all_runs(), all_suites()
    if not suites:
        return find_run()
    newest = suites[-1]
    if not runs or runs[-1].run < newest.suite or _is_of(runs[-1], newest):
        return newest
    return runs[-1]


def _is_of(run: RunFolder, suite: SuiteFolder) -> bool:
    """Whether a suite made a run; one that was stopped before it had a row has the suite's own command line."""
    result = read_suite(suite)
    return run.run in {row.run for row in result.rows} or run.card().arguments == result.arguments


def read_verdict(folder: RunFolder) -> Verdict:
    """How a run ended.

    Raises:
        UsageError: it has no verdict, or one that cannot be read.
    """
    path = folder.path / "verdict.json"
    if not path.is_file():
        raise UsageError(f"{folder.run} has no verdict: it is {folder.status()}", hint=f"practicum show {folder.run}")
    try:
        return Verdict.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{path} is no verdict: {error}") from error


def gather(targets: list[Target]) -> Gathered:
    """Put the runs of all targets together; one that is named twice counts once.

    Raises:
        UsageError: there is no run, or one has no verdict.
    """
    rows: dict[str, Row] = {}
    verdicts: dict[str, Verdict] = {}
    folders: dict[str, Path] = {}
    titles = []
    for target in targets:
        if isinstance(target, RunFolder):
            verdict = read_verdict(target)
            rows[target.run] = row_of(verdict, target.run)
            verdicts[target.run], folders[target.run] = verdict, target.path
            continue
        result = read_suite(target)
        titles.append(result.name)
        for row in result.rows:
            rows[row.run or f"{target.suite} {row.key}"] = row
            folder = _folder_of(row.run, target)
            if folder is not None:
                folders[row.run] = folder.path
                if (folder.path / "verdict.json").is_file():
                    verdicts[row.run] = read_verdict(folder)
    if not rows:
        raise UsageError("there is no run to report on", hint="practicum runs lists those that are here")
    return Gathered(overview(list(rows.values()), verdicts, ", ".join(dict.fromkeys(titles))), folders)


def _folder_of(run: str, suite: SuiteFolder) -> RunFolder | None:
    """A run of a suite: beside the suite's own home, or here."""
    if not run or "/" in run or run.startswith("."):
        return None
    for home in (suite.path.parents[1], root()):
        if (home / "runs" / run).is_dir():
            return RunFolder(home / "runs" / run)
    return None
