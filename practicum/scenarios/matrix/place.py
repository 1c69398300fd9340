"""Finding a parameter's place in a scenario, and putting a value there.

A place counts when something reads it: it is a key of the schema, which the file may leave out, or a key that stands in
a part of the file that is free in form (a mock's response, a plugin's configuration). Anything else is an error: an
axis over a key that nothing reads would make runs that do not differ.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, ValidationError

from practicum.errors import UsageError
from practicum.scenarios.evaluators import evaluator_class
from practicum.scenarios.lines import Keys
from practicum.scenarios.matrix.path import written
from practicum.scenarios.schema import Scenario

_EVALUATIONS = ("evaluations", "own_evaluations", "turn_evaluations", "final_evaluations")
_MOST_PATHS = 5000


class NoPlaceError(UsageError):
    """A scenario has no such place, or nothing reads it."""


@dataclass(frozen=True)
class Place:
    """Where a parameter stands."""

    keys: Keys
    """As they stand in the scenario, or would."""
    note: str = ""
    """How the path was read, where it is an older form."""

    def __str__(self) -> str:
        return written(self.keys)


def find_place(base: dict[str, Any], keys: Keys) -> Place:
    """The place that a path means in a scenario.

    Raises:
        NoPlaceError: there is none; the hint names the nearest.
    """
    note = ""
    if keys[:2] == ("character", "llm") and len(keys) > 2:
        keys, note = ("character", *keys[2:]), f"{written(keys)} is read as {written(('character', *keys[2:]))}"
    found: Keys = ()
    value: Any = base
    kinds: list[Any] = [Scenario]
    for key in keys:
        if isinstance(value, list | tuple) and isinstance(key, str) and key.isdecimal():
            key = int(key)
        value = _unfolded(value, kinds)
        if isinstance(value, dict) and isinstance(key, str):
            key = _as_in_file(value, key, kinds)
        inner = _inside(kinds, key)
        present = _has(value, key)
        if not present and not _may_be_added(kinds, key):
            raise _missing(base, value, kinds, found, key, keys)
        if not inner:
            raise _unread(base, kinds, found, key, keys)
        value = value[key] if present else None
        found = (*found, key)
        kinds = _evaluator(found, value) or inner
    return Place(found, note)


def put(value: Any, keys: Keys, new: Any, kinds: list[Any] | None = None) -> Any:
    """`value` with `new` at a place that `find_place` found. What does not change is shared, so change neither."""
    if not keys:
        return new
    kinds = [Scenario] if kinds is None else kinds
    key, rest = keys[0], keys[1:]
    value = _unfolded(value, kinds)
    if isinstance(key, int):
        items = list(value)
        items[key] = put(items[key], rest, new, _inside(kinds, key))
        return items
    held = value if isinstance(value, dict) else {}
    return {**held, key: put(held.get(key), rest, new, _inside(kinds, key))}


def _unfolded(value: Any, kinds: list[Any]) -> Any:
    """A mapping that the file writes as one word (`environment: docker`), as a mapping."""
    if not isinstance(value, str):
        return value
    for kind in kinds:
        if _is_model(kind):
            try:
                return kind.model_validate(value).model_dump(by_alias=True, exclude_unset=True)
            except ValidationError:
                continue
    return value


def _has(value: Any, key: str | int) -> bool:
    if isinstance(value, dict):
        return key in value
    return isinstance(value, list | tuple) and isinstance(key, int) and key < len(value)


def _may_be_added(kinds: list[Any], key: str | int) -> bool:
    """Whether it is a key of the schema, which a file may leave out; not one that files make up, such as an agent."""
    return isinstance(key, str) and any(_is_model(kind) and _field(kind, key) is not None for kind in kinds)


def _as_in_file(value: dict[str, Any], key: str, kinds: list[Any]) -> str:
    """The spelling under which the file has a key of the schema (`responseFn`, `response_fn`), else the schema's."""
    if key in value:
        return key
    for kind in kinds:
        field = _field(kind, key) if _is_model(kind) else None
        if field is not None:
            return next((name for name in value if _bare(str(name)) == _bare(field[0])), field[0])
    return key


def _field(model: type[BaseModel], key: str) -> tuple[str, Any] | None:
    """The name as files write it, and the annotation, of the field that a key means."""
    for name, field in model.model_fields.items():
        if _bare(key) in (_bare(name), _bare(field.alias or name)):
            return field.alias or name, field.annotation
    return None


def _bare(key: str) -> str:
    return re.sub(r"[-_ ]", "", key).lower()


def _inside(kinds: list[Any], key: str | int) -> list[Any]:
    """What may stand at a key of such a value; empty where nothing reads it."""
    found: list[Any] = []
    for kind in kinds:
        origin = get_origin(kind)
        if kind in (Any, dict, list, tuple, JsonValue):
            found.append(Any)
        elif _is_model(kind) and isinstance(key, str) and (field := _field(kind, key)) is not None:
            found += _alternatives(field[1])
        elif origin is dict and isinstance(key, str):
            found += _alternatives(get_args(kind)[1])
        elif origin in (list, tuple) and isinstance(key, int):
            found += _alternatives(get_args(kind)[0])
    return found


def _alternatives(annotation: Any) -> list[Any]:
    """`A | None` as [A]; what is neither a model nor a container nor plain is free in form."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [found for part in get_args(annotation) if part is not NoneType for found in _alternatives(part)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _evaluator(keys: Keys, value: Any) -> list[Any]:
    """The class of an evaluation, which the scenario's own schema leaves open."""
    if len(keys) < 2 or keys[-2] not in _EVALUATIONS or not isinstance(value, dict):
        return []
    try:
        return [evaluator_class(value)]
    except UsageError:  # the scenario itself is wrong there, and says so
        return []


def _missing(base: Any, value: Any, kinds: list[Any], found: Keys, key: str | int, keys: Keys) -> NoPlaceError:
    at = written(found) or "the scenario"
    if isinstance(key, int):
        if not isinstance(value, list | tuple):
            return NoPlaceError(f"{at} is not a list", hint=_nearest(base, kinds, value, found, key, keys))
        known = f"{at} has {len(value)}: [0]" + (f" to [{len(value) - 1}]" if len(value) > 1 else "")
        return NoPlaceError(f"there is no {written((*found, key))}", hint=known if value else f"{at} is empty")
    if value is not None and not isinstance(value, dict):
        what = "a list" if isinstance(value, list | tuple) else "a single value"
        return NoPlaceError(
            f"{at} is {what}, so there is no {written((*found, key))}",
            hint=_nearest(base, kinds, value, found, key, keys),
        )
    return NoPlaceError(f"there is no {written((*found, key))}", hint=_nearest(base, kinds, value, found, key, keys))


def _unread(base: Any, kinds: list[Any], found: Keys, key: str | int, keys: Keys) -> NoPlaceError:
    return NoPlaceError(
        f"nothing reads {written((*found, key))}, so its combinations would not differ",
        hint=_nearest(base, kinds, None, found, key, keys),
    )


def _nearest(base: Any, kinds: list[Any], value: Any, found: Keys, key: str | int, keys: Keys) -> str:
    """`did you mean "run[0].input"? known there: name, input, ...`"""
    known = [str(name) for name in value] if isinstance(value, dict) else []
    known += [
        field.alias or name
        for kind in kinds
        if _is_model(kind)
        for name, field in kind.model_fields.items()
        if (field.alias or name) not in known
    ]
    rest = keys[len(found) + 1 :]
    close = difflib.get_close_matches(str(key), known, 1)
    if close:
        guess = written((*found, close[0], *rest))
    else:
        paths = [written(path) for path in _paths(base, ())]
        near = difflib.get_close_matches(written(keys), paths, 1, 0.7)
        ending = [path for path in paths if path.endswith(f".{keys[-1]}")]
        guess = next(iter([*near, *ending]), "")
    first = f'did you mean "{guess}"? ' if guess else ""
    there = f"known {'in ' + written(found) if found else 'there'}: {', '.join(known[:30])}" if known else ""
    return (first + there).strip()


def _paths(value: Any, keys: Keys) -> Iterator[Keys]:
    """Every place of a value, outermost first."""
    queue: list[tuple[Any, Keys]] = [(value, keys)]
    for count, (held, place) in enumerate(queue):
        if count > _MOST_PATHS:
            return
        if place:
            yield place
        if isinstance(held, dict):
            queue += [(inner, (*place, str(name))) for name, inner in held.items()]
        elif isinstance(held, list | tuple):
            queue += [(inner, (*place, index)) for index, inner in enumerate(held)]
