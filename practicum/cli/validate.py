"""`practicum validate`: check scenario files without running them, and find out what they prove."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from practicum.cli.files import files_with_matrices
from practicum.cli.run_options import Strict
from practicum.cli.running import paint
from practicum.errors import NeedsModelError, PracticumError, UsageError
from practicum.runtime.plan import Options, find_scenario, make_plan
from practicum.scenarios.loader import Loaded, load_scenario
from practicum.scenarios.matrix import is_matrix, load_matrix
from practicum.scenarios.notes import Note
from practicum.text import printable

app = typer.Typer(add_completion=False)


@dataclass
class Checked:
    """What is to be said of one file."""

    name: str
    valid: bool = True
    error: str = ""
    combinations: int = 0
    """Of a matrix; agents and evaluations are those of its base."""
    agents: int = 0
    evaluations: dict[str, int] = field(default_factory=dict)
    needs_model: bool = False
    notes: list[str] = field(default_factory=list)
    idle: list[str] | None = None
    """With `--idle`: evaluations that a team which does nothing satisfies, and that would count. None: not tried."""
    idle_problem: str = ""


@app.command()
def validate(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenario and matrix files, folders, globs, or names of those that come along.")
    ],
    strict: Strict = False,
    idle: Annotated[
        bool,
        typer.Option("--idle", help="Run it with a team that does nothing, and say which evaluations that satisfies."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> int:
    """Check each scenario and matrix: schema, evaluators, mocks, roles, scripts.

    Exit code 0: all are valid; 1: with --idle, a team that does nothing satisfies what counts; 2: one is wrong.
    """
    checked = [item for name in scenarios for item in _check_all(name, strict)]
    if idle:
        for item in checked:
            if item.valid:
                _try_idle(item)
    if json:
        from pydantic_core import to_json

        print(to_json(checked, indent=1).decode())
    else:
        for item in checked:
            _show(item)
    if any(not item.valid for item in checked):
        return 2
    return 1 if any(item.idle for item in checked) else 0


def _check_all(name: str, strict: bool) -> list[Checked]:
    """A folder or a pattern is many files."""
    try:
        return [_check(file, strict) for file in files_with_matrices(name)]
    except UsageError as error:
        return [Checked(name, valid=False, error=str(error))]


def _check(name: str, strict: bool) -> Checked:
    found = Checked(name)
    try:
        path = find_scenario(name)
        notes: tuple[Note, ...] = ()
        if is_matrix(path):
            matrix = load_matrix(path, strict=strict)
            path, notes, found.combinations = matrix.base, matrix.notes, len(matrix.combinations)
        loaded = load_scenario(path, strict=strict)
        found.agents = len(loaded.scenario.members())
        kinds = [item.kind for item in loaded.every_evaluator()]
        found.evaluations = {kind: kinds.count(kind) for kind in ("effect", "text", "guard") if kind in kinds}
        found.notes = [str(note) for note in notes or loaded.notes]
        found.needs_model = _needs_model(path, loaded)
    except UsageError as error:
        found.valid, found.error = False, str(error)
    return found


def _needs_model(path: Path, loaded: Loaded) -> bool:
    """Whether it cannot run without one; checks roles and scripts on the way."""
    try:
        make_plan(str(path), Options(unjudged=True))
    except NeedsModelError:
        return True
    return any(item.needs_judge for item in loaded.every_evaluator())


def _try_idle(item: Checked) -> None:
    from practicum.runtime.idle import idle_run

    if item.combinations:
        item.idle_problem = "it is a matrix, validate its base scenario"
        return
    try:
        item.idle = asyncio.run(idle_run(str(find_scenario(item.name))))
    except PracticumError as error:
        item.idle_problem = error.message


def _show(item: Checked) -> None:
    if not item.valid:
        print(f"{paint('wrong', 'red')}  {item.name}\n{item.error}")
        return
    counted = ", ".join(f"{number} {kind}" for kind, number in item.evaluations.items())
    agents = f"{item.agents} agent{'' if item.agents == 1 else 's'}" if item.agents else "code alone"
    model = ", needs a model" if item.needs_model else ""
    many = f"{item.combinations} combination{'' if item.combinations == 1 else 's'}, " if item.combinations else ""
    print(f"{paint('valid', 'green')}  {item.name}  {many}{agents}, evaluations: {counted or 'none'}{model}")
    for note in item.notes:
        print(f"       {paint(printable(note, 400), 'yellow')}")
    if item.idle_problem:
        print(f"       {paint(f'the idle team could not be tried: {printable(item.idle_problem, 400)}', 'yellow')}")
    elif item.idle:
        print(f"       {paint('a team that does nothing satisfies:', 'red')}")
        for place in item.idle:
            print(f"         {printable(place, 400)}")
    elif item.idle is not None:
        print("       a team that does nothing satisfies nothing that counts")
