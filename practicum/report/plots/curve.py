"""Chances with more and more trials: pass@k rises, pass^k falls."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.report.plots.drawing import Box, Drawing, Role, Stroke, Trace, Words

_LEFT, _TOP, _HEIGHT, _BELOW = 52, 12, 160, 44


def curve(points: Sequence[tuple[int, float, float]], label: str) -> Drawing:
    """`points` are k, pass@k and pass^k, by k."""
    drawing = Drawing(label, _TOP + _HEIGHT + _BELOW)
    right, bottom = drawing.width - 20, _TOP + _HEIGHT
    most = max(point[0] for point in points)
    for percent in (0, 25, 50, 75, 100):
        y = bottom - _HEIGHT * percent / 100
        drawing.shapes.append(Stroke(_LEFT, y, right, y))
        drawing.shapes.append(Words(_LEFT - 8, y + 4, f"{percent} %", "soft", "end", 11))

    def at(k: int) -> float:
        return _LEFT + (right - _LEFT) * (k - 1) / max(most - 1, 1)

    last = -100.0
    for k, _, _ in points:
        if at(k) - last > 24:
            drawing.shapes.append(Words(at(k), bottom + 16, str(k), "soft", "middle", 11))
            last = at(k)
    x = float(_LEFT)
    series: tuple[tuple[Role, str, int], ...] = (
        ("good", "at least one of k passes (pass@k)", 1),
        ("second", "all k pass (pass^k)", 2),
    )
    for role, name, column in series:
        places = tuple((at(point[0]), bottom - _HEIGHT * point[column]) for point in points)
        drawing.shapes.append(Trace(places, role))
        for (px, py), point in zip(places, points, strict=True):
            drawing.shapes.append(Box(px - 3, py - 3, 6, 6, role, f"k = {point[0]}: {point[column]:.1%}"))
        drawing.shapes.append(Box(x, bottom + 28, 10, 10, role))
        drawing.shapes.append(Words(x + 15, bottom + 37, name, "soft", size=11))
        x += 240
    return drawing
