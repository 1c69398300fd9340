"""How a machine turns values into text, JSON and back, each piece of work paid for."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from practicum.bus.events import Json
from practicum.scenarios.expressions.values import (
    UNDEFINED,
    Failure,
    Moment,
    Namespace,
    Rule,
    Value,
    as_number,
    kind_of,
    number,
    number_text,
    strictly_equal,
)

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine

_DEEPEST = 60
"""Levels of arrays and objects in an answer."""


def iso(moment: Moment) -> str | None:
    """As `.toISOString()` writes it; None for a date that is none."""
    found = moment.utc()
    return found.strftime(f"{found.year:04d}-%m-%dT%H:%M:%S.") + f"{found.microsecond // 1000:03d}Z" if found else None


def to_text(machine: Machine, value: Value, depth: int = 0) -> str:
    """What `String(value)` says."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list):
        return join(machine, value, ",", depth + 1)
    if isinstance(value, Moment):
        found = value.utc()
        return found.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)") if found else "Invalid Date"
    if isinstance(value, Failure):
        return f"{value.name}: {value.message}" if value.message else value.name
    if isinstance(value, Rule):
        return f"/{value.source}/{value.flags}"
    if value is UNDEFINED:
        return "undefined"
    return "[object Object]" if kind_of(value) == "object" else "function"


def join(machine: Machine, items: list[Value], by: str, depth: int = 0) -> str:
    """As `.join()`: nothing for what is null or undefined."""
    if depth > _DEEPEST:
        raise machine.error("an array is nested too deeply, or holds itself")
    machine.charge(len(items) * (1 + len(by)))
    parts = ["" if item is None or item is UNDEFINED else to_text(machine, item, depth) for item in items]
    machine.charge(sum(len(part) for part in parts))
    return by.join(parts)


def to_json(machine: Machine, value: Value, depth: int = 0) -> Json:
    """What would go through `JSON.stringify`: no functions, no undefined, dates as texts, NaN as null."""
    if depth > _DEEPEST:
        raise machine.error(f"the answer is nested more than {_DEEPEST} deep, or holds itself")
    if isinstance(value, str):
        machine.charge(1 + len(value))
        return whole_text(value)
    machine.charge(1)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        plain = number(value)
        return plain if math.isfinite(plain) else None
    if isinstance(value, list):
        return [to_json(machine, item, depth + 1) for item in value]
    if isinstance(value, dict):
        kept = ((str(key), item) for key, item in value.items() if not _left_out(item))
        return {key: to_json(machine, item, depth + 1) for key, item in _charged(machine, kept)}
    if isinstance(value, Moment):
        return iso(value)
    if isinstance(value, Failure):
        return {key: to_json(machine, item, depth + 1) for key, item in value.fields.items()}
    return {} if isinstance(value, Rule) else None


def _charged(machine: Machine, entries: Iterator[tuple[str, Value]]) -> Iterator[tuple[str, Value]]:
    for key, item in entries:
        machine.charge(len(key))
        yield whole_text(key), item


def whole_text(text: str) -> str:
    """A text that can be written as UTF-8: halves of characters are put together, a lone half is replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _left_out(value: Value) -> bool:
    return value is UNDEFINED or kind_of(value) == "function" or isinstance(value, Namespace)


def from_json(machine: Machine, value: Value, depth: int = 0) -> Value:
    """A copy that the text may change: what it was made of stays as it is."""
    if depth > 2 * _DEEPEST:
        raise machine.error("the call's arguments are nested too deeply")
    machine.charge(1)
    if isinstance(value, list | tuple):
        return [from_json(machine, item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(key): from_json(machine, item, depth + 1) for key, item in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return value


def stringify(machine: Machine, value: Value, indent: Value) -> Value:
    """`JSON.stringify(value, null, indent)`."""
    if _left_out(value):
        return UNDEFINED
    width = min(10, indent) if isinstance(indent, int) and not isinstance(indent, bool) else indent
    space = (width if isinstance(width, int) and width > 0 else None) if not isinstance(width, str) else width[:10]
    plain = to_json(machine, value)
    text = json.dumps(plain, ensure_ascii=False, indent=space or None, separators=(",", ": " if space else ":"))
    machine.charge(len(text))
    return text


def parse_json(machine: Machine, text: str) -> Value:
    """`JSON.parse(text)`; an error of the machine where it is no JSON."""
    machine.charge(len(text))

    def refuse(word: str) -> float:
        raise ValueError(word)

    try:
        return from_json(machine, json.loads(text, parse_constant=refuse))
    except (ValueError, RecursionError) as error:
        raise machine.error("JSON.parse: the text is no JSON") from error


def loosely_equal(machine: Machine, one: Value, other: Value) -> bool:
    """`==`."""
    nothing = (one is None or one is UNDEFINED, other is None or other is UNDEFINED)
    if any(nothing):
        return all(nothing)
    one, other = _plain(machine, one, other), _plain(machine, other, one)
    simple = str | bool | int | float
    mixed = isinstance(one, bool) or isinstance(other, bool) or type(one) is not type(other)
    if mixed and isinstance(one, simple) and isinstance(other, simple):
        return as_number(one) == as_number(other)
    return strictly_equal(one, other)


def _plain(machine: Machine, value: Value, beside: Value) -> Value:
    """An array or object as its text, where it stands beside something plain."""
    if isinstance(value, list | dict | Moment) and not isinstance(beside, list | dict | Moment):
        return to_text(machine, value)
    return value


def add(machine: Machine, one: Value, other: Value) -> Value:
    """`+`: texts are joined, all else is added."""
    simple = int | float | None
    if isinstance(one, simple) and isinstance(other, simple):
        return number(as_number(one) + as_number(other))
    if (one is UNDEFINED and isinstance(other, simple)) or (other is UNDEFINED and isinstance(one, simple | None)):
        return math.nan
    made = (to_text(machine, one), to_text(machine, other))
    machine.charge(len(made[0]) + len(made[1]))
    return made[0] + made[1]


def less(machine: Machine, one: Value, other: Value) -> bool | None:
    """`<`; None where one of them is no number, and neither `<` nor `>=` holds."""
    if isinstance(one, list | dict):
        one = to_text(machine, one)
    if isinstance(other, list | dict):
        other = to_text(machine, other)
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    left, right = as_number(one), as_number(other)
    return None if math.isnan(left) or math.isnan(right) else left < right


def parse_moment(text: str) -> Moment:
    """What `new Date(text)` reads: ISO 8601, a date alone is UTC. Other forms give a date that is none."""
    plain = text.strip()
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        return Moment(math.nan)
    return Moment((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
