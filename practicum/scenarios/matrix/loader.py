"""From a matrix file to its combinations, each checked as a scenario before anything starts."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.scenarios.checking import Checker, ManyErrors
from practicum.scenarios.lines import Keys, Source, read_yaml
from practicum.scenarios.loader import Loaded, load_scenario
from practicum.scenarios.matrix.expansion import AxisPlace, Combination, Expansion, brief
from practicum.scenarios.matrix.path import parse_path, written
from practicum.scenarios.matrix.place import NoPlaceError, Place, find_place
from practicum.scenarios.matrix.schema import MatrixFile, axes_of
from practicum.scenarios.notes import Note
from practicum.text import printable

TEAM = "team"
"""The parameter that takes the words of an ablation."""

_ENDINGS = ("", ".scenario.yaml", ".scenario.yml", ".yaml", ".yml")
_MOST = 10_000


@dataclass(frozen=True)
class Matrix:
    """A matrix file, checked."""

    path: Path
    name: str
    description: str
    base: Path
    scenario: str
    """The base scenario's name."""
    runs_per_combination: int
    axes: dict[str, tuple[Json, ...]]
    """Parameter to values, in order."""
    combinations: list[Combination]
    notes: tuple[Note, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs it is, with every combination."""
        return len(self.combinations) * self.runs_per_combination


def is_matrix(path: Path) -> bool:
    """Whether a file is a matrix, by its name or by what it says. A file that cannot be read is none."""
    if path.name.endswith((".matrix.yaml", ".matrix.yml")):
        return True
    try:
        value = read_yaml(path).value
    except UsageError:
        return False
    return isinstance(value, dict) and "base_scenario" in value and "run" not in value


def load_matrix(path: Path, *, strict: bool = False) -> Matrix:
    """Read a matrix file and its base scenario, and check every combination as a scenario.

    Raises:
        UsageError: no such file; or `ManyErrors`, each with file, line, key, and what was expected. A value that makes
            the scenario wrong is named with its parameter, at its line in the matrix file.
    """
    source = _source(path)
    checker = Checker(source, strict)
    file = checker.validate(MatrixFile, source.value, ())
    if file is None or (strict and checker.all_errors()):
        raise ManyErrors(checker.all_errors())
    if not file.matrix and not file.ablation:
        raise source.error(("matrix",), "at least one parameter with its values is expected")
    base = _base(checker, file.base_scenario)
    loaded = load_scenario(base, strict=strict)
    axes = _axes(checker, file, loaded)
    if checker.errors:
        raise ManyErrors(checker.all_errors())
    count = math.prod(len(axis.values) for axis in axes)
    if count > _MOST:
        raise source.error(("matrix",), f"{count} combinations, at most {_MOST} are possible")
    combinations = Expansion(checker, loaded, axes, strict).all()
    if checker.errors:
        raise ManyErrors(checker.all_errors())
    return Matrix(
        path=path,
        name=file.name,
        description=file.description,
        base=base,
        scenario=loaded.scenario.name,
        runs_per_combination=file.runs_per_combination,
        axes={axis.parameter: axis.values for axis in axes},
        combinations=combinations,
        notes=(*checker.notes, *loaded.notes),
    )


def _source(path: Path) -> Source:
    """The file, with `matrix` as a list and its lines where the list has them."""
    source = read_yaml(path)
    if not isinstance(source.value, dict):
        raise source.error((), "not a matrix: a mapping with name, base_scenario and matrix is expected")
    given = source.value.get("matrix")
    if not isinstance(given, dict):
        return source
    lines = dict(source.lines)
    for index, name in enumerate(given):
        for keys, line in source.lines.items():
            if keys[:2] == ("matrix", str(name)):
                lines[("matrix", index, "values", *keys[2:])] = line
        lines[("matrix", index)] = lines[("matrix", index, "parameter")] = source.line(("matrix", str(name)))
    return Source(path, {**source.value, "matrix": axes_of(given)}, lines)


def _base(checker: Checker, name: str) -> Path:
    """The base scenario's file: from the matrix file's folder, else (as older files have it) from the present one, else
    (for older files that were moved) the file of that name beside the matrix file.

    Raises:
        InvalidFileError: there is none.
    """
    source = checker.source
    folder = source.path.parent
    for start in (folder, Path()):
        if (found := _scenario_at(start, name)) is not None:
            return found
    beside = Path(name).name
    if beside not in ("", "..", name) and (found := _scenario_at(folder, beside)) is not None:
        checker.read_as(("base_scenario",), f"{printable(name, 200)!r} is not there, {beside} beside this file is read")
        return found
    try:
        there = sorted(item.name for item in folder.glob("*.y*ml") if item.name != source.path.name)
    except OSError:
        there = []
    close = difflib.get_close_matches(Path(name).name, there, 1)
    first = f'did you mean "{close[0]}"? ' if close else ""
    raise source.error(
        ("base_scenario",), f"{name!r}: no such file", f"{first}it is looked for from the folder of {source.path.name}"
    )


def _scenario_at(start: Path, name: str) -> Path | None:
    """The scenario's file of that name, the ending of which may be left out."""
    for ending in _ENDINGS:
        path = start / f"{name}{ending}"
        try:
            if path.is_file():
                return path
            if path.is_dir() and (path / "scenario.yaml").is_file():
                return path / "scenario.yaml"
        except (OSError, ValueError):  # a name with a NUL, or too long
            return None
    return None


def _axes(checker: Checker, file: MatrixFile, loaded: Loaded) -> list[AxisPlace]:
    found: list[AxisPlace] = []
    for index, axis in enumerate(file.matrix):
        keys: Keys = ("matrix", index)
        try:
            place = find_place(loaded.value, parse_path(axis.parameter))
        except ValueError as error:
            checker.errors.append(checker.source.error((*keys, "parameter"), str(error)))
            continue
        except NoPlaceError as error:
            message = printable(f"{axis.parameter!r}: {error.message} ({loaded.path.name})")
            checker.errors.append(checker.source.error((*keys, "parameter"), message, printable(error.hint)))
            continue
        if place.note:
            checker.read_as((*keys, "parameter"), place.note)
        words = str(place) == TEAM and any(isinstance(value, str) for value in axis.values)
        found.append(AxisPlace(str(place), axis.values, place, keys, words))
    if file.ablation:
        found.append(AxisPlace(TEAM, tuple(file.ablation), Place((TEAM,)), ("ablation",), ablation=True))
    _check_axes(checker, found)
    return found


def _check_axes(checker: Checker, axes: Sequence[AxisPlace]) -> None:
    for place, axis in enumerate(axes):
        for other in axes[:place]:
            shorter, longer = sorted((axis.place.keys, other.place.keys), key=len)
            if longer[: len(shorter)] != shorter or (axis.ablation != other.ablation and shorter != longer):
                continue  # a team's parts are taken away last, so its members may vary besides
            how = "stands here twice" if shorter == longer else f"is inside {written(shorter)}, which varies too"
            checker.errors.append(checker.source.error(axis.keys, f"{written(longer)} {how}"))
        seen: set[str] = set()
        for index, value in enumerate(axis.values):
            text = json.dumps(value, sort_keys=True)
            if text in seen:
                checker.errors.append(checker.source.error(axis.value_keys(index), f"{brief(value)} stands here twice"))
            seen.add(text)


__all__ = ["Combination", "Matrix", "is_matrix", "load_matrix"]
