"""`practicum run`: run scenarios."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from practicum import __version__
from practicum.cli.amounts import money_option, time_option
from practicum.cli.console import Console
from practicum.cli.files import scenario_files
from practicum.cli.run_options import (
    AllowWeak,
    Bus,
    Cost,
    EnvFile,
    Environment,
    JsonResult,
    Live,
    Models,
    Sandbox,
    Strict,
    Team,
    Time,
    listed,
)
from practicum.cli.running import say
from practicum.errors import InfrastructureError, NeedsModelError, PracticumError, UsageError
from practicum.runtime.logs import log_to
from practicum.runtime.places import new_run
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.runtime.running import run_planned
from practicum.scenarios.verdict import Verdict

app = typer.Typer(add_completion=False)


@app.command()
def run(
    scenarios: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, or names of scenarios that come along.")
    ],
    team: Team = "",
    model: Models = None,
    live: Live = "",
    env_file: EnvFile = None,
    bus: Bus = "",
    repo: Annotated[str, typer.Option(help="Work on a repository of yours: a folder or a URL.")] = "",
    brief: Annotated[Path | None, typer.Option(help="A task of yours: a text file.")] = None,
    sandbox: Sandbox = "auto",
    environment: Environment = "",
    strict: Strict = False,
    allow_weak: AllowWeak = False,
    time: Time = "",
    cost: Cost = "",
    trials: Annotated[int, typer.Option(min=1, max=10_000, help="How often each scenario is run.")] = 1,
    parallel: Annotated[
        int, typer.Option(min=0, max=64, help="Runs at the same time; 0: several for code alone, else one.")
    ] = 0,
    junit: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML, too.", metavar="FILE")] = None,
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Print GitHub annotations; on by itself in GitHub Actions.")
    ] = False,
    json: JsonResult = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the verdict.")] = False,
) -> int:
    """Run scenarios: code, an agent or a team in front of a task, watched, recorded, judged by effect.

    Exit code 0: passed; 1: failed; 2: something is wrong with what was asked; 3: inconclusive, a limit, infrastructure,
    or a model is needed.
    """
    options = Options(
        team=team,
        models=tuple(model or ()),
        live=listed(live),
        env_file=env_file,
        bus=bus,
        repo=repo,
        brief=brief,
        sandbox=sandbox,
        time_s=time_option("--time", time),
        cost_usd=money_option("--cost", cost),
        environment=environment,
        strict=strict,
        allow_weak=allow_weak,
    )
    try:
        if junit is not None and junit.is_dir():  # said before anything runs
            raise UsageError(f"--junit {junit}: it is a folder", hint="name a file, such as results.xml")
        with _annotated(annotations or (os.environ.get("GITHUB_ACTIONS") == "true" and not json)) as verdicts:
            code, found = _run(scenarios, options, trials, parallel, json, quiet)
            verdicts += found
    except PracticumError as error:
        if not json:
            raise
        say(_as_json(error))
        return int(error.exit_code)
    if junit is not None:
        _write_junit(verdicts, junit)
    return code


@contextmanager
def _annotated(wanted: bool) -> Iterator[list[Verdict]]:
    """Print annotations for the verdicts put into the list. Until then GitHub obeys nothing that is printed."""
    verdicts: list[Verdict] = []
    if not wanted:
        yield verdicts
        return
    from practicum.report.annotations import annotations, muted

    stop, go_on = muted()
    say(stop)
    try:
        yield verdicts
    finally:
        say(go_on)
    for line in annotations(verdicts):
        say(line)


def _run(
    scenarios: Sequence[str], options: Options, trials: int, parallel: int, json: bool, quiet: bool
) -> tuple[int, list[Verdict]]:
    files = scenario_files(scenarios)
    arguments = sys.argv[1:]
    if len(files) == 1 and trials == 1:
        plan = make_plan(str(files[0]), options)
        verdict = perform(plan, Console(quiet=quiet or json, json=json), arguments)
        return int(verdict.exit_code), [verdict]
    from practicum.cli.many import run_many

    return run_many(files, options, trials=trials, parallel=parallel, json=json, quiet=quiet, arguments=arguments)


def _as_json(error: PracticumError) -> str:
    """A run that could not begin, for scripts."""
    from pydantic_core import to_json

    outcome = "infrastructure" if isinstance(error, InfrastructureError) else "refused"
    if isinstance(error, UsageError):
        outcome = "invalid"
    if isinstance(error, NeedsModelError):
        outcome = "needs_model"
    return to_json({"outcome": outcome, "reason": error.message, "hint": error.hint}, indent=1).decode()


def _write_junit(verdicts: Sequence[Verdict], path: Path) -> None:
    from practicum.report.junit import write_junit
    from practicum.runtime.places import root

    try:
        write_junit(verdicts, path, root() / "runs")
    except OSError as error:
        raise UsageError(f"--junit {path}: cannot be written: {error.strerror}") from error


def execute(plan: Plan, console: Console, arguments: list[str]) -> int:
    """Run a plan in the foreground and return the exit code."""
    return int(perform(plan, console, arguments).exit_code)


def perform(plan: Plan, console: Console, arguments: list[str]) -> Verdict:
    """Run a plan in the foreground, and show it.

    Raises:
        PracticumError: it could not start, or not be recorded.
    """
    if plan.options.sandbox != "auto":
        from practicum.sandbox.detect import select

        asyncio.run(select(plan.options.sandbox))  # an unknown name is said before anything is made
    folder = new_run()
    log_to(folder.logs / "launcher.log")
    console.header(__version__, plan, folder)
    verdict = asyncio.run(run_planned(plan, folder, console.event, console.note, arguments, signals=True))
    if not plan.is_code_alone:  # a report of those is written when somebody opens it
        from practicum.report import write_report

        write_report(folder.path)
    console.verdict(verdict, folder, plan)
    return verdict
