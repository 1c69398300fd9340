"""How measurements spread: a histogram, by outcome."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from practicum.report.plots.drawing import Box, Drawing, Role, Stroke, Words, role_of, round_steps

_LEFT, _TOP, _HEIGHT, _BELOW = 44, 14, 150, 40
_ORDER: tuple[Role, ...] = ("good", "bad", "warn")
_NAMES = {"good": "passed", "bad": "failed", "warn": "other"}


def spread(values: Sequence[tuple[float, str]], label: str, written: Callable[[float], str]) -> Drawing:
    """A histogram of values (not negative) with the outcomes of their runs; `written` says a value with its unit."""
    drawing = Drawing(label, _TOP + _HEIGHT + _BELOW)
    most = max((value for value, _ in values), default=0.0)
    step = round_steps(most or 1.0, 12)
    bins = max(1, math.floor(most / step) + 1)
    counts = [dict.fromkeys(_ORDER, 0) for _ in range(bins)]
    for value, outcome in values:
        counts[min(bins - 1, int(value / step))][role_of(outcome)] += 1
    tallest = max((sum(found.values()) for found in counts), default=0) or 1
    right, bottom = drawing.width - 10, _TOP + _HEIGHT
    width = (right - _LEFT) / bins
    rung = max(1.0, round_steps(tallest, 4))
    for number in range(int(tallest / rung) + 1):
        y = bottom - _HEIGHT * number * rung / tallest
        drawing.shapes.append(Stroke(_LEFT, y, right, y))
        drawing.shapes.append(Words(_LEFT - 8, y + 4, f"{number * rung:g}", "soft", "end", 11))
    for place, found in enumerate(counts):
        x, y = _LEFT + place * width, float(bottom)
        for role in _ORDER:
            if found[role]:
                height = _HEIGHT * found[role] / tallest
                y -= height
                reach = f"{written(place * step)} to {written((place + 1) * step)}"
                tip = f"{reach}: {found[role]} {_NAMES[role]}"
                drawing.shapes.append(Box(x + 1, y, max(width - 2, 1), height, role, tip))
    every = max(1, math.ceil(bins / 8))
    for place in range(0, bins + 1, every):
        anchor = "start" if place == 0 else "end" if place == bins else "middle"
        x = _LEFT + place * width
        drawing.shapes.append(Words(x, bottom + 16, written(place * step), "soft", anchor, 11))  # type: ignore[arg-type]
    x = float(_LEFT)
    for role in _ORDER:
        if any(found[role] for found in counts):
            drawing.shapes.append(Box(x, bottom + 26, 10, 10, role))
            drawing.shapes.append(Words(x + 15, bottom + 35, _NAMES[role], "soft", size=11))
            x += 90
    return drawing
