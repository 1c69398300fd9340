"""Methods of numbers and of dates. Dates are told in UTC, so that a run says the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING

from practicum.scenarios.expressions.convert import iso, to_text
from practicum.scenarios.expressions.methods import Method, whole
from practicum.scenarios.expressions.values import Moment, Value, as_number, number, number_text

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _fixed(machine: Machine, this: Value, values: list[Value]) -> Value:
    value, digits = as_number(this), whole(values, 0, 0)
    if not 0 <= digits <= 100:
        raise machine.error(".toFixed() takes 0 to 100 digits")
    if not math.isfinite(value) or abs(value) >= 1e21:
        return number_text(value)
    with localcontext(Context(prec=130)):
        return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _radix(machine: Machine, this: Value, values: list[Value]) -> Value:
    value, radix = as_number(this), whole(values, 0, 10)
    if radix == 10 or not math.isfinite(value):
        return number_text(value)
    if not 2 <= radix <= 36:
        raise machine.error(".toString() takes a base of 2 to 36")
    left, rest = int(abs(value)), abs(value) - int(abs(value))
    digits = ""
    while left:
        digits, left = _DIGITS[left % radix] + digits, left // radix
    made = ("-" if value < 0 else "") + (digits or "0")
    if rest:
        made += "."
        for _ in range(int(52 / math.log2(radix)) + 1):
            rest *= radix
            made += _DIGITS[int(rest)]
            rest -= int(rest)
            if not rest:
                break
    return made


def _precision(machine: Machine, this: Value, values: list[Value]) -> Value:
    value, digits = as_number(this), whole(values, 0, 6)
    if not 1 <= digits <= 100:
        raise machine.error(".toPrecision() takes 1 to 100 digits")
    return number_text(float(f"{value:.{min(digits, 17)}g}"))


def _grouped(machine: Machine, this: Value, values: list[Value]) -> Value:
    value = as_number(this)
    if not math.isfinite(value):
        return number_text(value)
    return f"{round(value, 3):,}" if not isinstance(value, int) else f"{value:,}"


NUMBER_METHODS: dict[str, Method] = {
    "toFixed": _fixed,
    "toString": _radix,
    "toPrecision": _precision,
    "toLocaleString": _grouped,
}


def _moment(this: Value) -> Moment:
    return this if isinstance(this, Moment) else Moment(math.nan)


def _iso(machine: Machine, this: Value, values: list[Value]) -> Value:
    found = iso(_moment(this))
    if found is None:
        raise machine.error("this date is none, so it has no ISO form")
    return found


def _part(take: Callable[[datetime], int]) -> Method:
    def method(machine: Machine, this: Value, values: list[Value]) -> Value:
        found = _moment(this).utc()
        return math.nan if found is None else take(found)

    return method


def _written(form: str) -> Method:
    def method(machine: Machine, this: Value, values: list[Value]) -> Value:
        found = _moment(this).utc()
        return "Invalid Date" if found is None else found.strftime(form)

    return method


_PARTS: dict[str, Callable[[datetime], int]] = {
    "FullYear": lambda found: found.year,
    "Month": lambda found: found.month - 1,
    "Date": lambda found: found.day,
    "Day": lambda found: found.isoweekday() % 7,
    "Hours": lambda found: found.hour,
    "Minutes": lambda found: found.minute,
    "Seconds": lambda found: found.second,
    "Milliseconds": lambda found: found.microsecond // 1000,
}

MOMENT_METHODS: dict[str, Method] = {
    "toISOString": _iso,
    "toJSON": lambda machine, this, values: iso(_moment(this)),
    "getTime": lambda machine, this, values: number(_moment(this).ms),
    "valueOf": lambda machine, this, values: number(_moment(this).ms),
    "toString": lambda machine, this, values: to_text(machine, this),
    "toDateString": _written("%a %b %d %Y"),
    "toLocaleDateString": _written("%m/%d/%Y"),
    "toLocaleTimeString": _written("%H:%M:%S"),
    "toLocaleString": _written("%m/%d/%Y, %H:%M:%S"),
    "toUTCString": _written("%a, %d %b %Y %H:%M:%S GMT"),
    "getTimezoneOffset": lambda machine, this, values: 0,
    **{f"get{word}{name}": _part(take) for name, take in _PARTS.items() for word in ("", "UTC")},
}
