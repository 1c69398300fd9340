"""`practicum run`: run a scenario with a team."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from practicum import __version__
from practicum.cli.amounts import money_option, time_option
from practicum.cli.console import Console
from practicum.cli.running import log_to
from practicum.runtime.places import new_run
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.runtime.running import run_planned
from practicum.scenarios.verdict import Verdict

app = typer.Typer(add_completion=False)


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
    environment: Annotated[
        str, typer.Option(help="Where code steps and commands run, instead of the file's: local, sandbox, docker, e2b.")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Unknown keys and weak evaluations are errors.")] = False,
    allow_weak: Annotated[
        bool, typer.Option("--allow-weak", help="Text checks that the user's own words satisfy count.")
    ] = False,
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
        environment=environment,
        strict=strict,
        allow_weak=allow_weak,
    )
    return execute(make_plan(scenario, options), Console(quiet=quiet or json, json=json), sys.argv[1:])


def execute(plan: Plan, console: Console, arguments: list[str]) -> int:
    """Run a plan in the foreground and return the exit code."""
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
    return int(verdict.exit_code)


__all__ = ["Verdict", "app", "execute"]
