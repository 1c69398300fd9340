"""`practicum demo`: the first thing to try."""

from __future__ import annotations

import typer

from practicum.cli.console import Console
from practicum.cli.run import execute
from practicum.runtime.plan import Options, make_plan

app = typer.Typer(add_completion=False)


@app.command()
def demo() -> int:
    """Run dev-team with its scripted team: no key, no network, nothing to start by hand."""
    return execute(make_plan("dev-team", Options()), Console(), ["run", "dev-team"])
