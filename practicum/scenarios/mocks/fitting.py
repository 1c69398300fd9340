"""Whether the conditions of a mock hold for a call, and if not, which one and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random

from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.scenarios.expressions import EvaluationError, Expression
from practicum.scenarios.mocks.views import View
from practicum.scenarios.schema import When

_DEEPEST = 100


def misfit(
    when: When | None, matcher: Expression | None, view: View, context: dict[str, Json], clock: Clock, random: Random
) -> str:
    """The first condition that does not hold, in words; empty when all do."""
    if when is None:
        return ""
    wire = view.wire
    if when.args is not None and not same(when.args, view.args, wire):
        return f"when.args is {shown(when.args)}, the call has {shown(view.args)}"
    if when.partial_args is not None:
        for index, wanted in enumerate(when.partial_args):
            if index >= len(view.args):
                return f"when.partialArgs has {len(when.partial_args)} arguments, the call {len(view.args)}"
            if not within(wanted, view.args[index], wire):
                return f"when.partialArgs[{index}] is {shown(wanted)}, the call has {shown(view.args[index])}"
    for place, wanted_of, given in (("input", when.input, view.input), ("context", when.context, context)):
        for key, wanted in (wanted_of or {}).items():
            if key not in given:
                return f"when.{place}.{key} is {shown(wanted)}, the call has none"
            if not within(wanted, given[key], wire):
                return f"when.{place}.{key} is {shown(wanted)}, the call has {shown(given[key])}"
    if matcher is None:
        return ""
    names: Mapping[str, Json] = {"args": view.args, "input": view.input, "context": context}
    try:
        return "" if matcher.holds(names, clock=clock, random=random) else "when.matcher does not hold"
    except EvaluationError as error:
        return f"when.matcher: {error.message}"


def shown(value: Json) -> str:
    """A value in a reason."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def same(wanted: Json, given: Json, wire: bool = False) -> bool:
    """Equal as JSON: `1` is `1.0`, and not `true`. Over the `wire` a number may be a text."""
    return _compare(wanted, given, wire, False, 0)


def within(wanted: Json, given: Json, wire: bool = False) -> bool:
    """Equal, but that objects may have more keys than are wanted."""
    return _compare(wanted, given, wire, True, 0)


def _compare(wanted: Json, given: Json, wire: bool, partial: bool, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(wanted, dict) and isinstance(given, dict):
        if not partial and wanted.keys() != given.keys():
            return False
        return all(
            key in given and _compare(item, given[key], wire, partial, depth + 1) for key, item in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(given, list):
        if len(wanted) != len(given):
            return False
        return all(_compare(one, other, wire, partial, depth + 1) for one, other in zip(wanted, given, strict=True))
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given or (wire and _text(wanted) == _text(given))
    if isinstance(wanted, int | float) and isinstance(given, int | float):
        return wanted == given
    if type(wanted) is type(given):
        return wanted == given
    text = _text(wanted)
    return wire and text is not None and text == _text(given)


def _text(value: Json) -> str | None:
    """A value as a query has it: a number in digits, a list with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ",".join(str(item) for item in value)
    return None
