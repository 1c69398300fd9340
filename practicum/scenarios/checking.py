"""Checking what a file says against its model: every error at its place, unknown keys named and not in the way."""

from __future__ import annotations

import difflib
import re
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from practicum.errors import InvalidFileError, UsageError
from practicum.scenarios.lines import Keys, Source, dotted
from practicum.scenarios.notes import Note, NoteKind
from practicum.text import shown

M = TypeVar("M", bound=BaseModel)

_ROUNDS = 30
"""Unknown keys hide others behind them, one layer a round."""

_ALWAYS_WRONG = ("world",)
"""A key that is unknown here is an error: a service that does not exist changes what the scenario is about."""

_EXPECTED = {
    "tuple_type": "a list is expected",
    "list_type": "a list is expected",
    "dict_type": "a mapping is expected",
    "model_type": "a mapping is expected",
}
"""Where pydantic says it in words of Python."""


class ManyErrors(UsageError):
    """Several things are wrong with a file; all are said at once."""

    def __init__(self, errors: list[InvalidFileError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


class Checker:
    """Collects what is wrong with one file, and what is worth a note."""

    def __init__(self, source: Source, strict: bool = False) -> None:
        self.source, self.strict = source, strict
        self.errors: list[InvalidFileError] = []
        self.notes: list[Note] = []
        self._unknown: list[InvalidFileError] = []

    def note(self, kind: NoteKind, keys: Keys, message: str, hint: str = "") -> None:
        """Say something about a place that is no error."""
        line = self.source.line(keys)
        self.notes.append(Note(kind, str(self.source.path), line, dotted(keys), message, hint))

    def read_as(self, keys: Keys, how: str) -> None:
        """An older form was understood."""
        self.note("reading", keys, how)

    def moved(self, old: Keys, new: Keys) -> None:
        """What the file has at one place is read at another: what is said about it there has the file's line."""
        found = {(*new, *keys[len(old) :]): line for keys, line in self.source.lines.items() if keys[: len(old)] == old}
        self.source = replace(self.source, lines={**self.source.lines, **found})

    def weak(self, keys: Keys, message: str, hint: str) -> None:
        """An evaluation shows nothing: a note, and an error for who is strict."""
        if self.strict:
            self.errors.append(self.source.error(keys, message, hint))
        else:
            self.note("weak", keys, message, hint)

    def all_errors(self) -> list[InvalidFileError]:
        """Everything that is wrong, in the order of the file; unknown keys too, since one may be what is missing."""
        if not self.errors and not self.strict:
            return []
        return sorted([*self.errors, *self._unknown], key=lambda error: error.line)

    def validate(self, model: type[M], value: Any, prefix: Keys) -> M | None:
        """Read `value` as `model`; None when it is none, the errors are then collected."""
        value = deepcopy(value)
        for _ in range(_ROUNDS):
            try:
                return model.model_validate(value)
            except ValidationError as error:
                problems = error.errors()
                if not self._without_unknown(model, value, prefix, problems):
                    self.errors += [
                        self._error(model, prefix, item)
                        for item in problems
                        if not _is_unknown(item) and not _follows(item, problems)
                    ]
                    self.errors += [
                        self._unknown_key(model, prefix, item["loc"])
                        for item in problems
                        if _is_unknown(item) and _stays(item["loc"], prefix)
                    ]
                    return None
        self.errors.append(self.source.error(prefix, "too many unknown keys"))
        return None

    def _without_unknown(self, model: type[BaseModel], value: Any, prefix: Keys, problems: list[Any]) -> bool:
        """Take the unknown keys out of `value`, or give them their right name; whether there were any."""
        found = False
        for item in problems:
            loc = item["loc"]
            if not _is_unknown(item) or _stays(loc, prefix):
                continue
            holder = _at(value, loc[:-1])
            key = loc[-1]
            if not isinstance(holder, dict) or key not in holder:
                continue
            found = True
            known = _known_keys(model, loc[:-1])
            right = _same_letters(str(key), known)
            if right is not None and right not in holder and not self.strict:
                holder[right] = holder.pop(key)
                place = self.source.keys((*prefix, *loc))
                self.note("reading", place, f"is read as {right}")
                self.moved(place, (*place[:-1], right))
                continue
            del holder[key]
            error = self._unknown_key(model, prefix, loc)
            self._unknown.append(error)
            if not self.strict:
                keys = self.source.keys((*prefix, *loc))
                self.note("unknown", keys, "unknown key, it has no effect", error.hint)
        return found

    def _unknown_key(self, model: type[BaseModel], prefix: Keys, loc: tuple[int | str, ...]) -> InvalidFileError:
        what = "service" if (*prefix, *loc[:-1]) == ("world",) else "key"
        hint = _advice(str(loc[-1]), _known_keys(model, loc[:-1]))
        return self._at((*prefix, *loc), f"unknown {what}", hint)

    def _error(self, model: type[BaseModel], prefix: Keys, item: Any) -> InvalidFileError:
        place = (*prefix, *item["loc"], *item.get("ctx", {}).get("keys", ()))
        message = _EXPECTED.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
        if item["type"] == "missing":
            message = "is missing"
        elif item["type"] == "too_short" and not item["input"]:
            message = "is empty, and something has to stand there"
        elif "input" in item and not isinstance(item["input"], dict | list):
            given = shown(item["input"])
            message = message if given in message else f"{message}, got {given}"
        return self._at(place, message)

    def _at(self, place: Keys, message: str, hint: str = "") -> InvalidFileError:
        keys = self.source.keys(place)
        return InvalidFileError(str(self.source.path), self.source.line(keys), dotted(keys), message, hint=hint)


def _is_unknown(item: Any) -> bool:
    return bool(item["type"] == "extra_forbidden")


def _follows(item: Any, problems: list[Any]) -> bool:
    """Whether a list is too short only because what stands in it is wrong."""
    loc = item["loc"]
    return item["type"] == "too_short" and any(
        other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in problems
    )


def _stays(loc: tuple[int | str, ...], prefix: Keys) -> bool:
    return (*prefix, *loc)[:-1] == _ALWAYS_WRONG


def _at(value: Any, loc: tuple[int | str, ...]) -> Any:
    for key in loc:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _same_letters(given: str, known: list[str]) -> str | None:
    """The known key that differs only in how its words are joined: `virtualFs`, `virtual-fs`."""
    bare = re.sub(r"[-_ ]", "", given).lower()
    return next((name for name in known if re.sub(r"[-_ ]", "", name).lower() == bare), None)


def _advice(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, 1)
    first = f'did you mean "{close[0]}"? ' if close else ""
    return f"{first}known: {', '.join(known)}" if known else first


def _known_keys(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that a model has at a place inside it."""
    present: Any = model
    for key in path:
        inner = _model_in(present)
        if inner is None:
            return []
        if present is not inner and get_origin(present) in (dict, tuple, list):
            present = inner  # the key is a name or a number in the container
            continue
        field = next((field for name, field in inner.model_fields.items() if key in (name, field.alias)), None)
        present = field.annotation if field else None
    inner = _model_in(present)
    return [field.alias or name for name, field in inner.model_fields.items()] if inner else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model | None`, `tuple[Model, ...]` or `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
