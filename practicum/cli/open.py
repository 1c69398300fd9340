"""`practicum open`: open a run's report in the browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from practicum.errors import UsageError
from practicum.runtime.places import find_run

app = typer.Typer(add_completion=False)


@app.command()
def open(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    path: Annotated[bool, typer.Option("--path", help="Only print where the report is.")] = False,
) -> int:
    """Open the report of a run; it is made anew from the record where it is missing."""
    from practicum.report import write_report

    folder = find_run(run)
    report = folder.path / "report.html"
    if not report.is_file():
        if not (folder.path / "verdict.json").is_file():
            raise UsageError(
                f"{folder.run} has no verdict: it is {folder.status()}", hint=f"practicum show {folder.run}"
            )
        write_report(folder.path)
    if path or not webbrowser.open(report.as_uri()):
        print(report)
    return 0
