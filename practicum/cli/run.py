"""`practicum run`: run a scenario with a team."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Annotated, TextIO, cast

import structlog
import typer

from practicum import __version__
from practicum.cli.amounts import money_option, time_option
from practicum.cli.console import Console
from practicum.cli.running import LogFile
from practicum.errors import InfrastructureError, PracticumError
from practicum.runtime.places import RunCard, RunFolder, new_run, process_start, started_now
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.scenarios.verdict import Verdict

app = typer.Typer(add_completion=False)

_LOW_DISK = 1024 * 1024
"""Bytes; a run of a few agents needs some ten times that."""


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario file, its folder, or the name of one that comes along.")],
    team: Annotated[
        str, typer.Option(help="A scripted team beside the scenario: oracle, idle, narrator, cheat...")
    ] = "",
    model: Annotated[
        list[str] | None,
        typer.Option(help="PATTERN=MODEL, such as 'dev-*=anthropic/NAME'; the pattern fits agents and roles."),
    ] = None,
    live: Annotated[
        str, typer.Option(help="Services that are the true ones: alone for all, or github,slack.", metavar="[SERVICES]")
    ] = "",
    env_file: Annotated[Path | None, typer.Option(help="Keys from this file only, into the proctor.")] = None,
    bus: Annotated[str, typer.Option(help="Your own NATS, instead of the embedded one.", metavar="URL")] = "",
    repo: Annotated[str, typer.Option(help="Work on a repository of yours: a folder or a URL.")] = "",
    brief: Annotated[Path | None, typer.Option(help="A task of yours: a text file.")] = None,
    sandbox: Annotated[str, typer.Option(help="auto, bubblewrap, namespaces, or local (no isolation).")] = "auto",
    time: Annotated[str, typer.Option(help="Time limit, such as 10m; the scenario's when left out.")] = "",
    cost: Annotated[str, typer.Option(help="Budget of all model calls, such as $5.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON, nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the verdict.")] = False,
) -> int:
    """Run a scenario: a team of agents in front of a task, watched, recorded, judged by effect.

    Exit code 0: passed; 1: failed; 2: something is wrong with what was asked; 3: inconclusive, a limit, infrastructure.
    """
    options = Options(
        team=team,
        models=tuple(model or ()),
        live=tuple(name for name in live.split(",") if name),
        env_file=env_file,
        bus=bus,
        repo=repo,
        brief=brief,
        sandbox=sandbox,
        time_s=time_option("--time", time),
        cost_usd=money_option("--cost", cost),
    )
    return execute(make_plan(scenario, options), Console(quiet=quiet or json, json=json), sys.argv[1:])


def execute(plan: Plan, console: Console, arguments: list[str]) -> int:
    """Run a plan in the foreground and return the exit code."""
    from practicum.report import write_report
    from practicum.runtime.launcher import run_plan
    from practicum.sandbox.detect import select

    if plan.options.sandbox != "auto":
        asyncio.run(select(plan.options.sandbox))  # an unknown name is said before anything is made
    folder = new_run()
    card = _card(plan, folder, arguments)
    folder.write_card(card)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, LogFile(folder.logs / "launcher.log")))
    )
    console.header(__version__, plan, folder)
    try:
        verdict = asyncio.run(run_plan(plan, folder, console.event, console.note))
    except (PracticumError, OSError) as error:
        failed = error if isinstance(error, PracticumError) else _refused_by_the_system(error)
        if isinstance(failed, InfrastructureError) and not failed.hint:
            failed.hint = _where_to_look(folder)
        with contextlib.suppress(InfrastructureError):  # a full disk takes this as little as the rest
            _finish(folder, card, "infrastructure" if failed.exit_code == 3 else "refused", failed.message)
        raise failed from error
    _finish(folder, card, verdict.outcome, verdict.reason)
    write_report(folder.path)
    console.verdict(verdict, folder, plan)
    return int(verdict.exit_code)


def _refused_by_the_system(error: OSError) -> InfrastructureError:
    """A disk, a limit of open files, a missing right: the operating system's own words, and no stack trace."""
    place = f"{error.filename}: " if error.filename else ""
    return InfrastructureError(f"{place}{error.strerror or error}")


def _where_to_look(folder: RunFolder) -> str:
    """A full disk fails every process in its own words; say it once."""
    import shutil

    if shutil.disk_usage(folder.path).free < _LOW_DISK:
        return f"the disk of {folder.path} is full: free some space and run again"
    return f"what its processes said is in {folder.logs}"


def _card(plan: Plan, folder: RunFolder, arguments: list[str]) -> RunCard:
    import os

    return RunCard(
        run=folder.run,
        scenario=plan.loaded.scenario.name,
        scenario_file=str(plan.loaded.path.absolute()),
        team=plan.team,
        models={agent.name: agent.model_text for agent in plan.agents},
        services=plan.modes,
        started=started_now(),
        pid=os.getpid(),
        boot=process_start(os.getpid()),
        arguments=arguments,
    )


def _finish(folder: RunFolder, card: RunCard, outcome: str, reason: str) -> None:
    folder.write_card(card.model_copy(update={"ended": started_now(), "outcome": outcome, "reason": reason}))


__all__ = ["Verdict", "app", "execute"]
