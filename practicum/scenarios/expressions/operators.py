"""Arithmetic as doubles have it, and how values are shown in errors."""

from __future__ import annotations

import math

from practicum.scenarios.expressions import nodes
from practicum.scenarios.expressions.values import UNDEFINED, Value, kind_of, number


def arithmetic(operator: str, one: float, other: float) -> int | float:
    """What `- * / % **` make of two numbers."""
    try:
        if operator == "-":
            return number(one - other)
        if operator == "*":
            return number(one * other)
        if operator == "/":
            if other == 0:
                return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one)
            return number(one / other)
        if operator == "%":
            return math.nan if other == 0 or math.isinf(one) else number(math.fmod(one, other))
        return number(math.pow(one, other))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def shown(value: Value) -> str:
    """A value in an error."""
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    return repr(value[:40]) if isinstance(value, str) else f"a value of type {kind_of(value)}"


def named(node: nodes.Expr) -> str:
    """What is called, in an error."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Member) and isinstance(node.key, str):
        return f".{node.key}"
    return "this"
