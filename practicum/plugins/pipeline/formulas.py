"""Examples that no author has seen: formulas of the specification, worked out for arguments that are made up anew.

What a plugin gives for the examples of its specification it may have learnt by heart; for these it cannot.
"""

from __future__ import annotations

import random
import sys

from pydantic import JsonValue

from practicum.plugins.pipeline.calls import Call
from practicum.plugins.pipeline.report import Request
from practicum.plugins.pipeline.room import PROGRAMS, Rooms
from practicum.plugins.specification import ActionSpec, Example, Parameter, PluginSpecification
from practicum.plugins.templates.formula import FormulaError, render

_EACH = 4
"""Calls for one formula."""
_WORDS = ("ash", "birch", "cedar", "elm", "hazel", "larch", "maple", "oak", "rowan", "willow")


async def unseen_calls(rooms: Rooms, spec: PluginSpecification, chance: random.Random) -> list[Call]:
    """Calls of actions with formulas, each with what must come of it; none where a formula gives no value.

    An action may refuse such arguments, as it may have its own ideas of what is sensible; but it may not give another
    value.
    """
    asked = [
        (action, expression, arguments(action, chance))
        for action in spec.actions
        if (expression := _expression(action))
        for _ in range(_EACH)
    ]
    if not asked:
        return []
    request = Request(questions=[{"expression": expression, "input": given} for _, expression, given in asked])
    result = await rooms.run(
        [sys.executable, "-I", f"{PROGRAMS}/run_formulas.py"], rooms.programs(), stdin=request.stdin
    )
    values = {int(line["number"]): line["value"] for line in request.read(result).of("value")}
    return [
        Call("action", action.name, given, Example(input=given, output=values[number]), number + 1, unseen=True)
        for number, (action, _, given) in enumerate(asked)
        if number in values
    ]


def arguments(action: ActionSpec, chance: random.Random) -> dict[str, JsonValue]:
    """Made-up arguments, like those of the examples where there are some."""
    given: dict[str, JsonValue] = {}
    for parameter in action.parameters:
        known = [one.input[parameter.name] for one in action.examples if not one.error and parameter.name in one.input]
        given[parameter.name] = _argument(parameter, known, chance)
    return given


def _argument(parameter: Parameter, known: list[JsonValue], chance: random.Random) -> JsonValue:
    if parameter.choices:
        return chance.choice(parameter.choices)
    like = chance.choice(known) if known else parameter.default
    if parameter.type == "boolean":
        return chance.random() < 0.5
    if parameter.type in ("integer", "number"):
        base = like if isinstance(like, int | float) and not isinstance(like, bool) else 10
        if parameter.type == "integer":
            return max(1, round(base * chance.uniform(0.5, 2))) if base >= 0 else round(base * chance.uniform(0.5, 2))
        return round(base * chance.uniform(0.5, 2), 3)
    if parameter.type == "string":
        return f"{like} {chance.choice(_WORDS)}" if isinstance(like, str) and " " in like else chance.choice(_WORDS)
    if like is not None:
        return like
    return [1, 2, 3] if parameter.type == "array" else {}


def _expression(action: ActionSpec) -> str:
    """The formula as a checked expression over the parameters' own names; empty where there is none."""
    if not action.formula:
        return ""
    try:
        return render(action.formula, {one.name: one.name for one in action.parameters})
    except FormulaError:
        return ""
