"""Success rates as bars with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from practicum.report.plots.drawing import Box, Drawing, Stroke, Words

_LABEL, _NUMBERS, _ROW, _TOP = 270, 170, 26, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One rate: `passed` of `counted`, which lies between `low` and `high` (0 to 1)."""

    label: str
    passed: int
    counted: int
    low: float
    high: float


def rates(bars: Sequence[Bar], label: str) -> Drawing:
    """A bar for each rate, from 0 to 100 %; one of which nothing counted has no bar."""
    drawing = Drawing(label, _TOP + _ROW * len(bars) + 6)
    left, right = float(_LABEL), drawing.width - _NUMBERS
    scale = right - left
    for percent in (0, 25, 50, 75, 100):
        x = left + scale * percent / 100
        drawing.shapes.append(Stroke(x, _TOP - 6, x, drawing.height - 4))
        drawing.shapes.append(Words(x, _TOP - 10, f"{percent} %", "soft", "middle", 11))
    for number, bar in enumerate(bars):
        y = _TOP + _ROW * number
        middle = y + _ROW / 2
        drawing.shapes.append(Words(left - 10, middle + 4, _cut(bar.label, 34), anchor="end"))
        if not bar.counted:
            drawing.shapes.append(Words(left + 6, middle + 4, "no run counts", "soft"))
            continue
        share = bar.passed / bar.counted
        said = f"{bar.passed} of {bar.counted}: {share:.0%}, {bar.low:.0%} to {bar.high:.0%}"
        tip = f"{bar.label}: {said}"
        drawing.shapes.append(Box(left, y + 5, scale, _ROW - 10, "line", tip))
        if share:
            drawing.shapes.append(Box(left, y + 5, scale * share, _ROW - 10, "good", tip))
        low, high = left + scale * bar.low, left + scale * bar.high
        drawing.shapes.append(Stroke(low, middle, high, middle, "ink", 1.5))
        for x in (low, high):
            drawing.shapes.append(Stroke(x, middle - 5, x, middle + 5, "ink", 1.5))
        drawing.shapes.append(Words(right + 12, middle + 4, said, "soft", size=11))
    return drawing


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
