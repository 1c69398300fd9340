"""What a method is, and how it reads its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from practicum.scenarios.expressions.values import UNDEFINED, Value, as_number

if TYPE_CHECKING:
    from practicum.scenarios.expressions.evaluating import Evaluating as Machine

Method: TypeAlias = "Callable[[Machine, Value, list[Value]], Value]"
"""The machine, what the method is called on, the arguments."""


def arg(values: list[Value], index: int) -> Value:
    """An argument; undefined where it was not given."""
    return values[index] if index < len(values) else UNDEFINED


def whole(values: list[Value], index: int, default: float) -> int:
    """An argument as an integer within the size of things here."""
    value = arg(values, index)
    found = default if value is UNDEFINED else as_number(value)
    if math.isnan(found):
        return 0
    return int(max(-1e9, min(1e9, found)))


def span(values: list[Value], length: int) -> tuple[int, int]:
    """Start and end as `.slice(start, end)` means them."""
    ends = []
    for index, default in ((0, 0), (1, length)):
        place = whole(values, index, default)
        ends.append(max(0, length + place) if place < 0 else min(place, length))
    return ends[0], max(ends) if ends[1] >= ends[0] else ends[0]
