"""`practicum matrix`: a scenario in every combination of some values."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.cli.amounts import money_option, time_option
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
from practicum.cli.running import paint, say
from practicum.errors import UsageError
from practicum.runtime.logs import log_to
from practicum.runtime.plan import Options
from practicum.scenarios.matrix import Combination, Matrix, load_matrix, select
from practicum.scenarios.statistics import label, shown
from practicum.text import printable

app = typer.Typer(add_completion=False)


@app.command()
def matrix(
    file: Annotated[Path, typer.Argument(help="A matrix file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the combinations; start nothing.")] = False,
    parallel: Annotated[int, typer.Option(help="How many runs at a time.")] = 1,
    filter: Annotated[
        list[str] | None,
        typer.Option(help="Only combinations that fit: 'run[0].input=*issues*', or a text anywhere in a value."),
    ] = None,
    trials: Annotated[int, typer.Option(help="Runs of each combination; the file's runs_per_combination else.")] = 0,
    model: Models = None,
    team: Team = "",
    live: Live = "",
    env_file: EnvFile = None,
    bus: Bus = "",
    sandbox: Sandbox = "auto",
    environment: Environment = "",
    time: Time = "",
    cost: Cost = "",
    strict: Strict = False,
    allow_weak: AllowWeak = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, however many runs it is.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what happens in every run.")] = False,
    json: JsonResult = False,
) -> int:
    """Run a scenario in every combination of the values that a matrix file lists.

    Ctrl-C starts no more, ends what runs, and leaves a result of what is there. Exit code 0: all passed; 1: some
    failed; 2: something is wrong with what was asked; 3: anything else, and when it was stopped.
    """
    if trials < 0 or parallel < 1:
        raise UsageError("--trials and --parallel are counts", hint="write such as --trials 10 --parallel 4")
    found = load_matrix(file, strict=strict)
    chosen = select(found, filter or ())
    count = trials or found.runs_per_combination
    if dry_run:
        _show(found, chosen, count, verbose, json)
        return 0
    options = Options(
        team=team,
        models=tuple(model or ()),
        live=listed(live),
        env_file=env_file,
        bus=bus,
        sandbox=sandbox,
        time_s=time_option("--time", time),
        cost_usd=money_option("--cost", cost),
        environment=environment,
        strict=strict,
        allow_weak=allow_weak,
    )
    return _run(found, chosen, count, options, parallel, yes=yes, verbose=verbose, json=json)


def _run(
    found: Matrix,
    chosen: Sequence[Combination],
    count: int,
    options: Options,
    parallel: int,
    *,
    yes: bool,
    verbose: bool,
    json: bool,
) -> int:
    from practicum.cli.suite_console import SuiteConsole, confirm_many
    from practicum.runtime.suite import (
        check_plans,
        executor,
        new_suite,
        run_suite,
        suite_exit_code,
        trials_of_matrix,
    )

    trials = trials_of_matrix(found, options, chosen, count)
    check_plans(trials)
    confirm_many(len(trials), yes)
    folder = new_suite()
    log_to(folder.path / "launcher.log")
    if not json:
        _head(found, chosen, count)
        _notes(found, chosen, verbose)
        say(f"suite {folder.suite}\n")
    console = SuiteConsole(len(trials), quiet=json, verbose=verbose)
    try:
        result = asyncio.run(
            run_suite(
                trials,
                executor(console.event, console.note, sys.argv[1:]),
                folder=folder,
                name=found.name,
                kind="matrix",
                parallel=parallel,
                on_start=console.started,
                on_end=console.ended,
                file=str(found.path),
                axes={name: list(values) for name, values in found.axes.items()},
            )
        )
    finally:
        console.close()
    if json:
        say(result.model_dump_json(indent=1))
    else:
        console.summary(result, folder)
    return int(suite_exit_code(result))


def _show(found: Matrix, chosen: Sequence[Combination], count: int, verbose: bool, json: bool) -> None:
    """Everything about a matrix that is known without running it."""
    if json:
        print(
            to_json(
                {
                    "name": found.name,
                    "description": found.description,
                    "file": str(found.path),
                    "base": str(found.base),
                    "scenario": found.scenario,
                    "axes": found.axes,
                    "combinations": [
                        {"index": item.index, "parameters": item.parameters, "notes": item.notes} for item in chosen
                    ],
                    "runs_per_combination": count,
                    "runs": len(chosen) * count,
                    "notes": [str(note) for note in found.notes],
                },
                indent=1,
            ).decode()
        )
        return
    _head(found, chosen, count)
    for name, values in found.axes.items():
        say(f"  {printable(name)}  {len(values)} values")
        if verbose:
            for value in values:
                say(f"    {printable(shown(value), 200)}")
    say("")
    for item in chosen:
        say(f"  {item.index:>4}  {printable(label(item.parameters, 400 if verbose else 50))}")
        for note in item.notes:
            say(f"        {paint(printable(note), 'yellow')}")
    _notes(found, (), True)
    say("nothing was started: --dry-run")


def _head(found: Matrix, chosen: Sequence[Combination], count: int) -> None:
    say(f"{paint(printable(found.name), 'bold')}  {printable(found.description)}".rstrip())
    left = f" (of {len(found.combinations)})" if len(chosen) < len(found.combinations) else ""
    sizes = f"{_counted(len(chosen), 'combination')}{left} x {_counted(count, 'run')}"
    base = printable(f"{found.base} ({found.scenario})")
    say(f"base {base}   {sizes} = {_counted(len(chosen) * count, 'run')}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _notes(found: Matrix, chosen: Sequence[Combination], verbose: bool) -> None:
    """How the files were read and what about them is weak; readings of older forms only for who asks."""
    for note in found.notes:
        if verbose or note.kind != "reading":
            say(f"  {paint(printable(str(note)), 'yellow')}")
    for item in chosen:
        for text in item.notes:
            if "who is not in this team" in text:
                say(f"  {paint(printable(f'combination {item.index}: {text}'), 'yellow')}")
