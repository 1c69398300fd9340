"""`practicum list`: scenarios that come along."""

from __future__ import annotations

import typer

from practicum.runtime.plan import library
from practicum.scenarios.loader import load_scenario

app = typer.Typer(add_completion=False)


@app.command()
def list() -> int:
    """List the scenarios that come along, with their teams."""
    for path in sorted(library().glob("*/scenario.yaml")):
        loaded = load_scenario(path)
        print(f"{loaded.scenario.name:<16}{loaded.scenario.description}")
        print(f"{'':<16}teams: {', '.join(loaded.teams())}")
    return 0
