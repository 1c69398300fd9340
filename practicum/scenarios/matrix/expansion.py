"""The combinations of a matrix, each checked as a scenario."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from practicum.bus.events import Json
from practicum.errors import InvalidFileError, UsageError
from practicum.scenarios.checking import Checker, ManyErrors
from practicum.scenarios.lines import Keys
from practicum.scenarios.loader import Loaded, load_scenario
from practicum.scenarios.matrix.ablation import ablate
from practicum.scenarios.matrix.place import Place, put
from practicum.scenarios.statistics.rows import label, shown
from practicum.text import printable


@dataclass(frozen=True)
class Combination:
    """The scenario with one value of each axis."""

    index: int
    """From 1, in the order of the file."""
    parameters: dict[str, Json]
    """Path to value."""
    value: dict[str, Any] = field(repr=False)
    """The scenario; combinations share what does not differ, so it must not be changed."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AxisPlace:
    """An axis, and where it is in both files."""

    parameter: str
    values: tuple[Json, ...]
    place: Place
    keys: Keys
    """Of its entry in the matrix file."""
    ablation: bool = False

    def value_keys(self, index: int) -> Keys:
        """Where one of its values stands in the matrix file."""
        return (*self.keys, index) if self.keys == ("ablation",) else (*self.keys, "values", index)


class Expansion:
    """Makes the combinations, and says what is wrong with one at the value that makes it wrong."""

    def __init__(self, checker: Checker, loaded: Loaded, axes: Sequence[AxisPlace], strict: bool) -> None:
        self._checker, self._loaded, self._axes, self._strict = checker, loaded, axes, strict
        self._known = {(note.key, note.message) for note in loaded.notes}
        self._unknown = {note.key for note in loaded.notes if note.kind == "unknown"}
        self._said: set[str] = set()

    def all(self) -> list[Combination]:
        """Every one; errors and notes are with the checker."""
        found = []
        for index, picks in enumerate(itertools.product(*(range(len(axis.values)) for axis in self._axes)), 1):
            made = self._one(index, picks)
            if made is not None:
                found.append(made)
        return found

    def _one(self, index: int, picks: tuple[int, ...]) -> Combination | None:
        chosen = [(axis, axis.values[pick]) for axis, pick in zip(self._axes, picks, strict=True)]
        value: dict[str, Any] = self._loaded.value
        notes: list[str] = []
        for axis, new in chosen:
            if not (axis.ablation and isinstance(new, str)):
                value = put(value, axis.place.keys, new)
        for (axis, new), pick in zip(chosen, picks, strict=True):
            if axis.ablation and isinstance(new, str):
                try:
                    value, unfulfilled = ablate(value, new)
                except UsageError as error:
                    self._error(axis, pick, error.message, error.hint)
                    return None
                notes += unfulfilled
        try:
            loaded = load_scenario(self._loaded.path, value=value, strict=self._strict)
        except ManyErrors as wrong:
            for item in wrong.errors:
                self._blame(item, picks)
            return None
        notes += self._notes(loaded, picks)
        return Combination(index, {axis.parameter: new for axis, new in chosen}, value, tuple(notes))

    def _blame(self, error: InvalidFileError, picks: tuple[int, ...]) -> None:
        """Say an error of a combination at the value that it comes from, else at the whole."""
        if error.key in self._unknown:
            return  # beside errors the loader names unknown keys as well; the base has this one, and it is noted
        for axis, pick in zip(self._axes, picks, strict=True):
            if _touches(axis, error.key):
                where = "" if error.key == axis.parameter else f" at {error.key}"
                self._error(
                    axis, pick, f"{axis.parameter} = {brief(axis.values[pick])}{where}: {error.problem}", error.hint
                )
                return
        parameters = {axis.parameter: axis.values[pick] for axis, pick in zip(self._axes, picks, strict=True)}
        message = f"with {printable(label(parameters, 40))}: {error.key}: {error.problem}"
        self._add(self._checker.source.error(("matrix",), message, error.hint))

    def _error(self, axis: AxisPlace, pick: int, message: str, hint: str) -> None:
        self._add(self._checker.source.error(axis.value_keys(pick), message, hint))

    def _add(self, error: InvalidFileError) -> None:
        if str(error) not in self._said:
            self._said.add(str(error))
            self._checker.errors.append(error)

    def _notes(self, loaded: Loaded, picks: tuple[int, ...]) -> list[str]:
        """What is said about the combination and not about the base; said once, at the value that it comes from."""
        found = []
        for note in loaded.notes:
            if (note.key, note.message) in self._known or note.kind == "reading":
                continue
            found.append(f"{note.key}: {note.message}")
            # An input makes a text check beside it weak: the nearest value is the one to look at.
            nearest = [_shared(axis.parameter, note.key) for axis in self._axes]
            place = nearest.index(max(nearest))
            axis, pick = self._axes[place], picks[place]
            message = f"{axis.parameter} = {brief(axis.values[pick])}: {note.key}: {note.message}"
            if message not in self._said:
                self._said.add(message)
                self._checker.note(note.kind, axis.value_keys(pick), message, note.hint)
        return found


def _touches(axis: AxisPlace, key: str) -> bool:
    """Whether a place in the scenario is inside what an axis sets, or around it."""
    shorter, longer = sorted((axis.parameter, key), key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _shared(one: str, other: str) -> int:
    """How many keys two places have in common from the top."""
    pairs = zip(re.findall(r"[^.\[\]]+", one), re.findall(r"[^.\[\]]+", other), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def brief(value: Json) -> str:
    """A value in an error: enough of it to be recognised."""
    return printable(shown(value), 60)
