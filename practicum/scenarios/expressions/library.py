"""The names that every text sees: `Math`, `JSON`, `Object`, `Date` and the like. Nothing here reaches outside."""

from __future__ import annotations

import base64
import math
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from practicum.scenarios.expressions.convert import parse_json, parse_moment, stringify, to_text
from practicum.scenarios.expressions.methods import arg, whole
from practicum.scenarios.expressions.values import (
    EXACT,
    UNDEFINED,
    Builtin,
    Failure,
    Moment,
    Namespace,
    Value,
    as_number,
    kind_of,
    number,
    truthy,
)

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine

_FLOAT = re.compile(r"\s*([+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))")

_Call = Callable[["Machine", list[Value]], Value]


def _namespace(
    name: str, members: dict[str, _Call | Value], call: _Call | None = None, make: _Call | None = None
) -> Namespace:
    made: dict[str, Value] = {key: Builtin(key, item) if callable(item) else item for key, item in members.items()}
    return Namespace(name, made, call, make or call)


# Math.


def _math(work: Callable[[float], float]) -> _Call:
    def call(machine: Machine, values: list[Value]) -> Value:
        value = as_number(arg(values, 0))
        if math.isnan(value):
            return math.nan
        try:
            return number(work(value))
        except OverflowError:
            return value if math.isinf(value) else math.inf
        except ValueError:
            return math.nan

    return call


def _extreme(choose: Callable[[list[int | float]], float], empty: float) -> _Call:
    def call(machine: Machine, values: list[Value]) -> Value:
        found = [as_number(value) for value in values]
        if any(math.isnan(value) for value in found):
            return math.nan
        return number(choose(found)) if found else empty

    return call


def _pow(machine: Machine, values: list[Value]) -> Value:
    return machine.operate("**", arg(values, 0), arg(values, 1))


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


_MATH = _namespace(
    "Math",
    {
        "abs": _math(abs),
        "ceil": _math(math.ceil),
        "floor": _math(math.floor),
        "round": _math(lambda value: math.floor(value + 0.5)),
        "trunc": _math(math.trunc),
        "sign": _math(lambda value: (value > 0) - (value < 0)),
        "sqrt": _math(math.sqrt),
        "cbrt": _math(math.cbrt),
        "exp": _math(math.exp),
        "log": _math(_log),
        "log2": _math(lambda value: math.log2(value) if value else -math.inf),
        "log10": _math(lambda value: math.log10(value) if value else -math.inf),
        "sin": _math(math.sin),
        "cos": _math(math.cos),
        "tan": _math(math.tan),
        "max": _extreme(max, -math.inf),
        "min": _extreme(min, math.inf),
        "pow": _pow,
        "hypot": lambda machine, values: number(math.hypot(*(as_number(value) for value in values))),
        "random": lambda machine, values: machine.random.random(),
        "PI": math.pi,
        "E": math.e,
    },
)


# Objects and arrays.


def _entries_of(machine: Machine, value: Value) -> dict[str, Value]:
    if value is None or value is UNDEFINED:
        raise machine.error("null and undefined have no keys")
    if isinstance(value, list | str):
        found: dict[str, Value] = {str(index): item for index, item in enumerate(value)}
    else:
        found = value if isinstance(value, dict) else value.fields if isinstance(value, Failure) else {}
    machine.charge(2 * len(found))
    return found


def _from_entries(machine: Machine, values: list[Value]) -> Value:
    made: dict[str, Value] = {}
    for pair in machine.items_of(arg(values, 0)):
        made[to_text(machine, machine.member(pair, 0))] = machine.member(pair, 1)
    return made


def _assign(machine: Machine, values: list[Value]) -> Value:
    target = arg(values, 0)
    held = target if isinstance(target, dict) else target.fields if isinstance(target, Failure) else None
    if held is None:
        raise machine.error("Object.assign() takes an object first")
    for value in values[1:]:
        if value is not None and value is not UNDEFINED:
            held.update(_entries_of(machine, value))
    return target


_OBJECT = _namespace(
    "Object",
    {
        "keys": lambda machine, values: [*_entries_of(machine, arg(values, 0))],
        "values": lambda machine, values: [*_entries_of(machine, arg(values, 0)).values()],
        "entries": lambda machine, values: [[key, item] for key, item in _entries_of(machine, arg(values, 0)).items()],
        "fromEntries": _from_entries,
        "assign": _assign,
        "freeze": lambda machine, values: arg(values, 0),
    },
    lambda machine, values: arg(values, 0) if isinstance(arg(values, 0), dict | list) else {},
)


def _array(machine: Machine, values: list[Value]) -> Value:
    if len(values) == 1 and isinstance(values[0], int) and not isinstance(values[0], bool):
        machine.charge(max(0, values[0]))
        return [UNDEFINED] * max(0, values[0])
    return list(values)


def _array_from(machine: Machine, values: list[Value]) -> Value:
    given, work = arg(values, 0), arg(values, 1)
    if isinstance(given, dict):
        length = whole([given.get("length", 0)], 0, 0)
        machine.charge(max(0, length))
        items: list[Value] = [given.get(str(index), UNDEFINED) for index in range(length)]
    else:
        items = machine.items_of(given)
    if work is UNDEFINED:
        return items
    return [machine.call(work, [item, index]) for index, item in enumerate(items)]


_ARRAY = _namespace(
    "Array",
    {
        "isArray": lambda machine, values: isinstance(arg(values, 0), list),
        "from": _array_from,
        "of": lambda machine, values: list(values),
    },
    _array,
)


# Numbers and texts.


def _parse_int(machine: Machine, values: list[Value]) -> Value:
    text, base = to_text(machine, arg(values, 0)).strip()[:400], whole(values, 1, 10) or 10
    sign = -1 if text[:1] == "-" else 1
    text = text.lstrip("+-") if text[:1] in "+-" else text
    if text[:2].lower() == "0x" and (base == 16 or arg(values, 1) is UNDEFINED):
        text, base = text[2:], 16
    if not 2 <= base <= 36:
        return math.nan
    known = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
    digits = text.lower()
    end = next((index for index, char in enumerate(digits) if char not in known), len(digits))
    return number(sign * int(digits[:end], base)) if end else math.nan


def _parse_float(machine: Machine, values: list[Value]) -> Value:
    found = _FLOAT.match(to_text(machine, arg(values, 0))[:400])
    return number(float(found[1])) if found else math.nan


def _number(machine: Machine, values: list[Value]) -> Value:
    return as_number(values[0]) if values else 0


def _is_number(values: list[Value]) -> bool:
    return kind_of(arg(values, 0)) == "number"


_NUMBER = _namespace(
    "Number",
    {
        "isInteger": lambda machine, values: _is_number(values) and as_number(arg(values, 0)) % 1 == 0,
        "isFinite": lambda machine, values: _is_number(values) and math.isfinite(as_number(arg(values, 0))),
        "isNaN": lambda machine, values: _is_number(values) and math.isnan(as_number(arg(values, 0))),
        "parseInt": _parse_int,
        "parseFloat": _parse_float,
        "MAX_SAFE_INTEGER": EXACT - 1,
        "MIN_SAFE_INTEGER": 1 - EXACT,
    },
    _number,
)

_STRING = _namespace(
    "String",
    {"fromCharCode": lambda machine, values: "".join(chr(whole([value], 0, 0) & 0xFFFF) for value in values)},
    lambda machine, values: to_text(machine, values[0]) if values else "",
)


def _encoded(machine: Machine, values: list[Value]) -> Value:
    text = to_text(machine, arg(values, 0))
    machine.charge(12 * len(text))
    return quote(text, safe="-_.!~*'()", errors="replace")


def _decoded(machine: Machine, values: list[Value]) -> Value:
    text = to_text(machine, arg(values, 0))
    machine.charge(len(text))
    return unquote(text, errors="replace")


def _to_base64(machine: Machine, values: list[Value]) -> Value:
    text = to_text(machine, arg(values, 0))
    machine.charge(4 * len(text))
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _from_base64(machine: Machine, values: list[Value]) -> Value:
    text = to_text(machine, arg(values, 0))
    machine.charge(len(text))
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError as error:
        raise machine.error("atob(): the text is no base64") from error


# Time, chance, errors.


def _now(machine: Machine, values: list[Value]) -> Value:
    return number(math.floor(machine.clock.now().timestamp() * 1000))


def _new_date(machine: Machine, values: list[Value]) -> Value:
    if not values:
        return Moment(as_number(_now(machine, [])))
    given = values[0]
    if len(values) == 1:
        if isinstance(given, Moment):
            return Moment(given.ms)
        return parse_moment(given[:100]) if isinstance(given, str) else Moment(float(as_number(given)))
    parts = [*(whole(values, index, 1 if index == 2 else 0) for index in range(7))]
    year, month = parts[0] + parts[1] // 12, parts[1] % 12 + 1
    if not 1 <= year <= 9999:
        return Moment(math.nan)
    first = parse_moment(f"{year:04d}-{month:02d}-01").ms
    return Moment(
        first + (parts[2] - 1) * 86_400_000 + parts[3] * 3_600_000 + parts[4] * 60_000 + parts[5] * 1000 + parts[6]
    )


_DATE = _namespace(
    "Date",
    {
        "now": _now,
        "parse": lambda machine, values: number(parse_moment(to_text(machine, arg(values, 0))[:100]).ms),
    },
    lambda machine, values: to_text(machine, _new_date(machine, [])),
    _new_date,
)


def _failure(name: str) -> Namespace:
    def call(machine: Machine, values: list[Value]) -> Value:
        message = "" if arg(values, 0) is UNDEFINED else to_text(machine, arg(values, 0))
        more = arg(values, 1)
        return Failure(name, message, dict(more) if isinstance(more, dict) else {})

    return Namespace(name, {}, call, call)


def _uuid(machine: Machine, values: list[Value]) -> Value:
    return str(uuid.UUID(int=machine.random.getrandbits(128), version=4))


def _nothing(machine: Machine, values: list[Value]) -> Value:
    return UNDEFINED


GLOBALS: dict[str, Value] = {
    "undefined": UNDEFINED,
    "Math": _MATH,
    "Object": _OBJECT,
    "Array": _ARRAY,
    "Number": _NUMBER,
    "String": _STRING,
    "Boolean": _namespace("Boolean", {}, lambda machine, values: truthy(arg(values, 0))),
    "JSON": _namespace(
        "JSON",
        {
            "stringify": lambda machine, values: stringify(machine, arg(values, 0), arg(values, 2)),
            "parse": lambda machine, values: parse_json(machine, to_text(machine, arg(values, 0))),
        },
    ),
    "Date": _DATE,
    "Promise": _namespace("Promise", {"resolve": lambda machine, values: arg(values, 0)}),
    "console": _namespace("console", dict.fromkeys(("log", "info", "warn", "error", "debug"), _nothing)),
    "crypto": _namespace("crypto", {"randomUUID": _uuid}),
    "parseInt": Builtin("parseInt", _parse_int),
    "parseFloat": Builtin("parseFloat", _parse_float),
    "isNaN": Builtin("isNaN", lambda machine, values: math.isnan(as_number(arg(values, 0)))),
    "isFinite": Builtin("isFinite", lambda machine, values: math.isfinite(as_number(arg(values, 0)))),
    "encodeURIComponent": Builtin("encodeURIComponent", _encoded),
    "decodeURIComponent": Builtin("decodeURIComponent", _decoded),
    "btoa": Builtin("btoa", _to_base64),
    "atob": Builtin("atob", _from_base64),
    **{name: _failure(name) for name in ("Error", "TypeError", "RangeError")},
}
"""Name to what it stands for. The same for every evaluation: nothing in here can be changed by a text."""
