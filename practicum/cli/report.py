"""`practicum report`: one run, several, or a suite, as a page, a document, Markdown or data."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

import typer

from practicum.errors import InfrastructureError, TrajectoryError, UsageError
from practicum.runtime.places import RunFolder
from practicum.scenarios.statistics import Row

if TYPE_CHECKING:
    from practicum.cli.targets import Gathered, Target

app = typer.Typer(add_completion=False)

Format = Literal["html", "json", "md", "pdf"]

_MOST_PAGES = 200
"""Pages of single runs that are written beside the page of all; those that did not pass come first."""


@app.command()
def report(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Runs or suites: ids, beginnings of ids, paths, or last.", metavar="[TARGET]..."),
    ] = None,
    format: Annotated[Format, typer.Option(help="A page, data, Markdown for a comment, or a document.")] = "html",
    output: Annotated[Path | None, typer.Option(help="The file to write; - is stdout.")] = None,
) -> int:
    """Report on runs: what passed and how sure that is, by parameter, what failed, what it took.

    json and md go to stdout, html and pdf to a file beside the run or the suite, whose path is printed.
    """
    from practicum.cli.targets import find_target, gather

    found = [find_target(name) for name in targets or ["last"]]
    place = output or _beside([target.path for target in found], format)
    if format == "html" and len(found) == 1 and isinstance(found[0], RunFolder):
        return _one_page(found[0], place)
    gathered = gather(found)
    if format == "html":
        _put(_overview_page(gathered, place), place)
    elif format == "pdf":
        from practicum.report.pdf import pdf

        _put(pdf(gathered.overview), place)
    elif format == "md":
        from practicum.report.markdown import markdown

        _put(markdown(gathered.overview), place)
    else:
        _put(gathered.overview.data() + "\n", place)
    if place is not None and str(place) != "-":
        print(place)
    return 0


def write_overview(targets: list[Target], place: Path) -> None:
    """Write the page of many runs.

    Raises:
        UsageError: there is no run in it.
        InfrastructureError: it cannot be written there.
    """
    from practicum.cli.targets import gather

    _put(_overview_page(gather(targets), place), place)


def _overview_page(gathered: Gathered, place: Path | None) -> str:
    from practicum.report.overview_page import overview_page

    links = _run_pages(gathered.folders, _worst_first(gathered.overview.rows), place)
    return overview_page(gathered.overview, links)


def _one_page(folder: RunFolder, place: Path | None) -> int:
    from practicum.cli.targets import read_verdict
    from practicum.report import write_report

    read_verdict(folder)
    made = write_report(folder.path)
    if place is not None and place != made:
        _put(made.read_text(encoding="utf-8"), place)
    if place is None or str(place) != "-":
        print(place or made)
    return 0


def _beside(paths: list[Path], format: Format) -> Path | None:
    """Where a report goes by itself: None is stdout."""
    if format in ("json", "md"):
        return None
    return paths[0] / f"report.{format}" if len(paths) == 1 else Path(f"practicum-report.{format}")


def _put(content: str | bytes, place: Path | None) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    if place is None or str(place) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if place.is_dir():
        raise UsageError(f"cannot write {place}: it is a folder", hint="--output names a file")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.partial")
        partial.write_bytes(data)
        partial.replace(place)
    except OSError as error:
        raise InfrastructureError(f"cannot write {place}: {error.strerror}", hint="--output names another") from error


def _worst_first(rows: list[Row]) -> list[str]:
    return [row.run for row in sorted(rows, key=lambda row: row.outcome == "passed") if row.run]


def _run_pages(folders: Mapping[str, Path], order: list[str], place: Path | None) -> dict[str, str]:
    """Run to its page, relative to the page at `place`; missing ones are written, the first 200 of `order`."""
    from practicum.report import write_report

    base = (place or Path("x")).absolute().parent
    links: dict[str, str] = {}
    for run in order:
        folder = folders.get(run)
        if folder is None:
            continue
        made = folder / "report.html"
        if not made.is_file() and len(links) < _MOST_PAGES and (folder / "verdict.json").is_file():
            with contextlib.suppress(TrajectoryError, OSError):  # then its verdict is linked to
                write_report(folder)
        for target in (made, folder / "verdict.json"):
            if target.is_file():
                links[run] = quote(os.path.relpath(target, base))
                break
    return links
