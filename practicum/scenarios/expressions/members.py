"""Which members values have: their own, and the fixed table of methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practicum.scenarios.expressions.arrays import ARRAY_METHODS
from practicum.scenarios.expressions.convert import to_text
from practicum.scenarios.expressions.methods import Method, arg
from practicum.scenarios.expressions.moments import MOMENT_METHODS, NUMBER_METHODS
from practicum.scenarios.expressions.texts import RULE_METHODS, TEXT_METHODS
from practicum.scenarios.expressions.values import UNDEFINED, Failure, Moment, Namespace, Rule, Value

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine


def own_member(machine: Machine, of: Value, name: str) -> Value:
    """What a value holds under a name; undefined where it holds nothing."""
    if isinstance(of, dict):
        return of.get(name, UNDEFINED)
    if isinstance(of, list | str):
        if name == "length":
            return len(of)
        if name.isdecimal() and len(name) < 10 and int(name) < len(of):
            return of[int(name)]
    elif isinstance(of, Namespace):
        return of.members.get(name, UNDEFINED)
    elif isinstance(of, Failure):
        own: dict[str, Value] = {"name": of.name, "message": of.message, "stack": ""}
        return of.fields.get(name, own.get(name, UNDEFINED))
    elif isinstance(of, Rule):
        return {"source": of.source, "flags": of.flags}.get(name, UNDEFINED)
    return UNDEFINED


def find_method(of: Value, name: str) -> Method | None:
    """The method that values of this kind have under a name."""
    if isinstance(of, str):
        found = TEXT_METHODS.get(name)
    elif isinstance(of, list):
        found = ARRAY_METHODS.get(name)
    elif isinstance(of, int | float) and not isinstance(of, bool):
        found = NUMBER_METHODS.get(name)
    elif isinstance(of, Moment):
        found = MOMENT_METHODS.get(name)
    elif isinstance(of, Rule):
        found = RULE_METHODS.get(name)
    else:
        found = None
    return found or _ANY.get(name)


def _has_own(machine: Machine, this: Value, values: list[Value]) -> Value:
    return own_member(machine, this, to_text(machine, arg(values, 0))) is not UNDEFINED


_ANY: dict[str, Method] = {
    "toString": lambda machine, this, values: to_text(machine, this),
    "valueOf": lambda machine, this, values: this,
    "hasOwnProperty": _has_own,
}

METHOD_NAMES = frozenset(
    name
    for table in (TEXT_METHODS, ARRAY_METHODS, NUMBER_METHODS, MOMENT_METHODS, RULE_METHODS, _ANY)
    for name in table
)
"""Every method that any value has."""
