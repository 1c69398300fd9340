"""`practicum watch`: follow a run, live or recorded."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.console import tell
from practicum.cli.members import check_agent
from practicum.cli.running import paint
from practicum.monitor.follow import follow
from practicum.monitor.narrate import narrate
from practicum.monitor.status import Status
from practicum.runtime.places import find_run

app = typer.Typer(add_completion=False)


@app.command()
def watch(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    agent: Annotated[str, typer.Option(help="Only what this agent says and does.")] = "",
    all: Annotated[bool, typer.Option("--all", help="Details too: thoughts, failed calls, pushes, leases.")] = False,
) -> int:
    """Follow a run from its trajectory: who said or did what, leases, checks. Ends with the run."""
    folder = find_run(run)
    card = folder.card()
    check_agent(card, agent)
    team = ", ".join(f"{name} ({model})" for name, model in card.models.items())
    print(f"{paint(card.scenario, 'bold')}  run {folder.run}  {folder.status()}\n{paint(team, 'dim')}\n", flush=True)
    start, colours, status = None, dict[str, str](), Status()
    for item in follow(folder.path, lambda: folder.status() != "running"):
        start = start or item.event.time
        status.take(item.event)
        told = narrate(item.event, start)
        if told is None or (agent and told.who != agent):
            continue
        if told.weight >= 2 or all:
            print(tell(told, colours), flush=True)
    print(f"\n{status.summary()}\n{folder.run} {folder.status()}")
    return 0
