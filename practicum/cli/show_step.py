"""A step of a run as thought, action and observation."""

from __future__ import annotations

import textwrap
from dataclasses import asdict

from pydantic import ValidationError
from pydantic_core import to_json

from practicum.cli.running import paint
from practicum.errors import UsageError
from practicum.report.moves import Move, moves
from practicum.report.visible import one_line, visible
from practicum.runtime.places import RunFolder
from practicum.scenarios.verdict import StepResult, Verdict
from practicum.trajectory.reader import Trajectory

_COLOURS = {"thought": "magenta", "action": "cyan", "observation": "dim", "given": "bold", "answer": "green"}
_MOST_LINES = 12
_MOST_WIDTH = 160


def show_step(folder: RunFolder, step: str, *, agent: str, json: bool, whole: bool) -> int:
    """Print what happened in a step, in order: of one agent, as JSON lines, or with nothing left out (`whole`).

    Raises:
        UsageError: the run has no such step.
    """
    results = _results(folder)
    index = _index(folder, step, results)
    code = next((one.given for one in results if one.index == index and one.kind == "code"), "")
    found = [
        move
        for move in moves(Trajectory(folder.path).events(), index, code or _code(folder, index))
        if not agent or move.who == agent
    ]
    for move in found:
        if json:
            print(to_json({"step": index, **asdict(move)}).decode())
        else:
            print(_told(move, whole))
    return 0


def _told(move: Move, whole: bool) -> str:
    lines = visible(move.text).strip("\n").splitlines() or [""]
    if not whole:
        left = len(lines) - _MOST_LINES
        if left > 0:
            lines = [*lines[:_MOST_LINES], f"... {left} lines more: --all"]
        lines = [line if len(line) <= _MOST_WIDTH else f"{line[: _MOST_WIDTH - 1]}…" for line in lines]
    tool = f"{one_line(move.tool, 60)} " if move.tool else ""
    kind = paint(f"{move.kind:<12}", _COLOURS[move.kind] if move.ok else "red")
    body = textwrap.indent("\n".join(lines), " " * 39).lstrip()
    who = paint(f"{one_line(move.who, 12):<12}", "bold")
    return f"  {move.at:05.1f}  {paint(f'{move.seq:>5}', 'dim')}  {who} {kind} {tool}{body}"


def _results(folder: RunFolder) -> list[StepResult]:
    """The steps of the verdict; none while the run goes on."""
    try:
        return Verdict.model_validate_json((folder.path / "verdict.json").read_bytes()).steps
    except (OSError, ValidationError):
        return []


def _index(folder: RunFolder, step: str, results: list[StepResult]) -> int:
    if step.isdigit() and int(step) > 0:
        return int(step) - 1
    names = {one.name: one.index for one in results if one.name}
    if step in names:
        return names[step]
    known = ", ".join([str(one.index + 1) + (f" ({one_line(one.name, 40)})" if one.name else "") for one in results])
    raise UsageError(f"{folder.run} has no step {step!r}", hint=f"steps: {known or 'none is over yet'}")


def _code(folder: RunFolder, index: int) -> str:
    """A step's code from the scenario that is kept with the run, while it has no verdict."""
    try:
        run = folder.scenario().get("run", [])
    except UsageError:
        return ""
    steps = run if isinstance(run, list) else [run]
    step = steps[index] if index < len(steps) else {}
    return str(step.get("code", "")) if isinstance(step, dict) else ""
