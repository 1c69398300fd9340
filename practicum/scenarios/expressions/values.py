"""Values as JavaScript has them, and how it turns one kind into another (ECMA-262, chapter 7).

`null` is None, a number is an int or a float, a text a str, an array a list, an object a dict with text keys.
Texts are counted in characters, not in UTF-16 units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine
    from practicum.scenarios.expressions.nodes import Function
    from practicum.scenarios.expressions.patterns import Pattern
    from practicum.scenarios.expressions.scope import Scope

Value: TypeAlias = object
"""None, bool, int, float, str, list, dict, or one of the classes below."""

EXACT = 2**53
"""Beyond this a number of JavaScript is no exact integer."""


class Undefined:
    """What is not there."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = Undefined()


@dataclass(eq=False)
class Closure:
    """A function of the text with the names that it sees."""

    function: Function
    scope: Scope


@dataclass(eq=False)
class Builtin:
    """A function of ours: the machine, `this`, the arguments."""

    name: str
    call: Callable[[Machine, list[Value]], Value]


@dataclass(eq=False)
class Namespace:
    """`Math`, `JSON`, `Object`: a name with members, and what calling it and `new` do."""

    name: str
    members: dict[str, Value]
    call: Callable[[Machine, list[Value]], Value] | None = None
    make: Callable[[Machine, list[Value]], Value] | None = None


@dataclass(eq=False)
class Moment:
    """A `Date`, in milliseconds since 1970."""

    ms: float

    def utc(self) -> datetime | None:
        """None for a date that is none."""
        if not math.isfinite(self.ms):
            return None
        try:
            return datetime.fromtimestamp(math.floor(self.ms) / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            return None


@dataclass(eq=False)
class Failure:
    """An `Error`."""

    name: str
    message: str
    fields: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Rule:
    """A regular expression."""

    source: str
    flags: str
    pattern: Pattern


def number(value: float) -> int | float:
    """A number as it is kept: an int where it is a whole one that a double holds exactly."""
    if isinstance(value, int):
        return value if -EXACT <= value <= EXACT else _float(value)
    return int(value) if value.is_integer() and -EXACT <= value <= EXACT else value


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def truthy(value: Value) -> bool:
    """Whether a value counts as true."""
    if value is None or value is UNDEFINED or value is False or value == "":
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        return not (value == 0 or math.isnan(value))
    return True


def kind_of(value: Value) -> str:
    """What `typeof` says."""
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Closure | Builtin) or (isinstance(value, Namespace) and value.call is not None):
        return "function"
    return "object"


def as_number(value: Value) -> int | float:
    """What `Number(value)` says; NaN where it is none."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return number(value)
    if value is None:
        return 0
    if isinstance(value, str):
        return _number_of(value)
    if isinstance(value, Moment):
        return number(value.ms)
    if isinstance(value, list):
        return (
            as_number(value[0] if isinstance(value[0], int | float | str) else "x")
            if len(value) == 1
            else (0 if not value else math.nan)
        )
    return math.nan


def _number_of(text: str) -> int | float:
    plain = text.strip()
    if not plain:
        return 0
    if plain.lower() in ("infinity", "+infinity", "-infinity") and plain.lstrip("+-") == "Infinity":
        return -math.inf if plain[0] == "-" else math.inf
    if len(plain) > 400 or "_" in plain or not plain.isascii() or plain.lstrip("+-")[:1].lower() in ("i", "n"):
        return math.nan
    try:
        if plain[:2].lower() in ("0x", "0o", "0b"):
            return number(int(plain, 0))
        return number(float(plain))
    except ValueError:
        return math.nan


def number_text(value: float) -> str:
    """A number as JavaScript writes it: `1`, `0.5`, `1e+21`, `1e-7`, `NaN`."""
    value = number(value)
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign, places, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits, power = "".join(map(str, places)), len(places) + int(exponent)
    if 0 < power <= 21:
        made = digits.ljust(power, "0") if len(digits) <= power else f"{digits[:power]}.{digits[power:]}"
    elif -6 < power <= 0:
        made = f"0.{'0' * -power}{digits}"
    else:
        made = f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{power - 1:+d}"
    return f"-{made}" if sign else made


def strictly_equal(one: Value, other: Value) -> bool:
    """`===`: the same kind and value; of arrays and objects, the very same one."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return one is other


def same_value(one: Value, other: Value) -> bool:
    """As `.includes()` compares: like `===`, and NaN is NaN."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return strictly_equal(one, other)
