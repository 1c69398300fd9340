"""`practicum open`: open the report of a run or a suite in the browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from practicum.runtime.places import RunFolder

app = typer.Typer(add_completion=False)


@app.command()
def open(
    run: Annotated[str, typer.Argument(help="A run or a suite: its id, the beginning of it, or last.")] = "last",
    path: Annotated[bool, typer.Option("--path", help="Only print where the report is.")] = False,
) -> int:
    """Open the report of a run or of a suite; it is made from the record where it is missing."""
    from practicum.cli.report import write_overview
    from practicum.cli.targets import find_target, read_verdict
    from practicum.report import write_report

    found = find_target(run)
    report = found.path / "report.html"
    if not report.is_file():
        if isinstance(found, RunFolder):
            read_verdict(found)
            write_report(found.path)
        else:
            write_overview([found], report)
    if path or not webbrowser.open(report.as_uri()):
        print(report)
    return 0
