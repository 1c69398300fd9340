"""Values of the expression language and the functions over them.

Source: GitHub Docs, "Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

from practicum.bus.events import Json
from practicum.errors import PracticumError
from practicum.world.actions.located import scalar_text


class ExpressionError(PracticumError):
    """An expression that is malformed, or uses what is not supported."""


def truthy(value: Json) -> bool:
    """GitHub's truth: false, 0, -0, '', null (and NaN) are false."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return value not in (False, 0, "", None)


def to_text(value: Json) -> str:
    """A value inside text; GitHub writes objects as the word Object, we write their JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return scalar_text(value)


def to_number(value: Json) -> float:
    """A value as a number, by GitHub's coercion; NaN for what is none."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(int(value, 16)) if value.lower().startswith("0x") else float(value.strip() or 0)
        except ValueError:
            return math.nan
    return math.nan


def equal(left: Json, right: Json) -> bool:
    """GitHub's loose equality: text without regard to case, different types as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    if type(left) is type(right):
        return left == right
    return to_number(left) == to_number(right)


def _contains(arguments: list[Json]) -> Json:
    holder, wanted = arguments
    if isinstance(holder, list):
        return any(equal(item, wanted) for item in holder)
    return to_text(wanted).lower() in to_text(holder).lower()


def _format(arguments: list[Json]) -> Json:
    template, values = to_text(arguments[0]), arguments[1:]

    def fill(match: re.Match[str]) -> str:
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        if match.group(1) is None or int(match.group(1)) >= len(values):
            raise ExpressionError(f"format(): {match.group()!r} has no value")
        return to_text(values[int(match.group(1))])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}|[{}]", fill, template)


def _join(arguments: list[Json]) -> Json:
    separator = to_text(arguments[1]) if len(arguments) > 1 else ","
    items = arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
    return separator.join(to_text(item) for item in items)


def _from_json(arguments: list[Json]) -> Json:
    try:
        value: Json = json.loads(to_text(arguments[0]))
    except ValueError as error:
        raise ExpressionError(f"fromJSON(): {error}") from error
    return value


FUNCTIONS: dict[str, tuple[Callable[[list[Json]], Json], int, int]] = {
    "contains": (_contains, 2, 2),
    "startswith": (lambda a: to_text(a[0]).lower().startswith(to_text(a[1]).lower()), 2, 2),
    "endswith": (lambda a: to_text(a[0]).lower().endswith(to_text(a[1]).lower()), 2, 2),
    "format": (_format, 1, 20),
    "join": (_join, 1, 2),
    "tojson": (lambda a: json.dumps(a[0], indent=2), 1, 1),
    "fromjson": (_from_json, 1, 1),
}
"""Name in lower case to function, fewest and most arguments."""
