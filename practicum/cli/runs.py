"""`practicum runs`: what was run here, and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.runtime.places import RunCard, RunFolder, all_runs
from practicum.text import printable

app = typer.Typer(add_completion=False)

_COLOURS = {"passed": "green", "failed": "red", "running": "cyan"}


@app.command()
def runs(
    most: Annotated[int, typer.Option("-n", min=1, help="How many, newest last.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """List the runs kept here, newest last."""
    found = all_runs()[-most:]
    for folder in found:
        card, status = folder.card(), folder.status()
        if json:
            print(card.model_copy(update={"outcome": status}).model_dump_json())
            continue
        print(
            f"{folder.run}  {card.started:%Y-%m-%d %H:%M}  {paint(f'{status:<16}', _COLOURS.get(status, 'yellow'))}"
            f"{printable(card.scenario, 24):<14}  {_who(card):<20}  {_why(folder, card.reason)}"
        )
    if not found and not json:
        print("no run yet; practicum demo makes one")
    return 0


def _who(card: RunCard) -> str:
    """The scripted team, else which models were there."""
    return printable(card.team or ", ".join(dict.fromkeys(card.models.values())) or "code alone", 24)


def _why(folder: RunFolder, reason: str) -> str:
    if not reason and folder.status() == "interrupted":
        reason = "its launcher ended without a word; the trajectory holds what happened"
    return printable(reason, 70)
