"""`practicum new`: a scenario to begin with, that runs at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import typer

from practicum.errors import UsageError

app = typer.Typer(add_completion=False)

Kind = Literal["code", "agent", "team", "conversation"]

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_NEXT = {
    "code": (),
    "agent": ("--team idle", "--model '*=anthropic/NAME'"),
    "team": ("--team idle", "--model '*=anthropic/NAME'"),
    "conversation": ("--team idle", "--model '*=anthropic/NAME'"),
}


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its name, and the folder that is made for it; may be a path.")],
    kind: Annotated[
        Kind,
        typer.Option(
            help="Code steps; one agent with a task; a team with a repository; a user who talks with an agent."
        ),
    ] = "code",
) -> int:
    """Write a small scenario with comments, ready to run. Nothing that is there is overwritten."""
    folder = Path(name)
    if not _NAME.match(folder.name):
        raise UsageError(f"{folder.name!r} is not a name", hint="use letters, digits, '-' and '_', at most 64")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is there already", hint="choose another name, or remove it first")
        written = [_write(source, folder / place, folder) for place, source in _files(kind)]
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}") from error
    for path in written:
        print(f"  {path}")
    print(f"run it   practicum run {folder}")
    for more in _NEXT[kind]:
        print(f"         practicum run {folder} {more}")
    print(f"check it practicum validate {folder}")
    return 0


def _files(kind: Kind) -> Iterator[tuple[str, Traversable]]:
    """Places inside the new folder and what is written there. The names end with `.txt` so that nothing runs here."""
    yield from _below(resources.files("practicum.cli") / "scaffold" / kind, "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _below(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".txt"):
            yield f"{prefix}{item.name.removesuffix('.txt')}", item


def _write(source: Traversable, path: Path, folder: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8").replace("name: @NAME@", f'name: "{folder.name}"')
    with path.open("x", encoding="utf-8") as file:
        file.write(text.replace("@NAME@", str(folder)))
    return path
