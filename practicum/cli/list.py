"""`practicum list`: the scenarios of the present folder, and those that come along."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from practicum.cli.running import paint
from practicum.errors import PracticumError, UsageError
from practicum.runtime.plan import library
from practicum.scenarios.loader import load_scenario
from practicum.text import printable

app = typer.Typer(add_completion=False)

_SKIPPED = {"node_modules", "__pycache__", "venv", "site-packages"}
_DEEPEST = 6
_MOST_TEAMS = 6


class Listed(BaseModel):
    """One scenario, as `--json` prints it."""

    name: str
    path: str
    """What `practicum run` takes."""
    comes_along: bool = False
    description: str = ""
    steps: int = 0
    agents: list[str] = []
    teams: list[str] = []
    """Scripted ones beside it."""
    evaluations: int = 0
    environment: str = ""
    wrong: str = ""
    """Why it cannot be run."""


@app.command()
def list(
    folder: Annotated[Path, typer.Argument(help="Where to look, some folders deep.")] = Path(),
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """List the scenarios here (*.scenario.yaml, scenario.yaml) and those that come along, with their teams."""
    if not folder.is_dir():
        is_file = folder.exists()
        hint = f"practicum validate {folder} checks one file" if is_file else "give a folder, or none for this one"
        raise UsageError(f"{folder}: {'not a folder' if is_file else 'no such folder'}", hint=hint)
    own = library().resolve()
    found = [_look(path, _shown(path)) for path in _below(folder) if own not in path.resolve().parents]
    found += [_look(path, path.parent.name, True) for path in sorted(own.glob("*/scenario.yaml"))]
    for item in found:
        if json:
            print(item.model_dump_json())
            continue
        print(f"{paint(printable(item.path, 80), 'bold')}  {printable(item.description or item.name, 100)}")
        print(f"    {paint(printable(item.wrong, 140), 'red') if item.wrong else _facts(item)}")
    return 0


def _facts(item: Listed) -> str:
    steps = f"{item.steps} step{'s' if item.steps != 1 else ''}"
    agents = f"agents: {', '.join(item.agents)}" if item.agents else "code alone"
    left = f" and {len(item.teams) - _MOST_TEAMS} more" if len(item.teams) > _MOST_TEAMS else ""
    teams = f", teams: {', '.join(item.teams[:_MOST_TEAMS])}{left}" if item.teams else ""
    count = f"{item.evaluations} evaluation{'s' if item.evaluations != 1 else ''}"
    return paint(f"{steps}, {agents}{teams}, {count}", "dim")


def _shown(path: Path) -> str:
    """A scenario in a folder of its own goes by the folder."""
    return str(path.parent) if path.name == "scenario.yaml" and path.parent != Path() else str(path)


def _below(folder: Path) -> Iterator[Path]:
    """The scenario files of a folder and those below, without hidden ones and what package managers keep."""
    deepest = len(folder.parts) + _DEEPEST
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        if len(here.parts) >= deepest:
            folders.clear()
        if "run.json" in files:  # a recorded run, which keeps its scenario
            folders.clear()
            continue
        for name in sorted(files):
            fits = name == "scenario.yaml" or name.endswith((".scenario.yaml", ".scenario.yml"))
            if fits and (here / name).is_file():  # a pipe would be waited for
                yield here / name


def _look(path: Path, shown: str, comes_along: bool = False) -> Listed:
    try:
        loaded = load_scenario(path)
    except PracticumError as error:
        return Listed(name=path.parent.name, path=shown, comes_along=comes_along, wrong=error.message.splitlines()[0])
    scenario = loaded.scenario
    return Listed(
        name=scenario.name,
        path=shown,
        comes_along=comes_along,
        description=scenario.description,
        steps=len(scenario.run),
        agents=[*scenario.members()],
        teams=loaded.teams(),
        evaluations=len(loaded.every_evaluator()),
        environment=scenario.environment.type,
    )
