"""Every run as a square, row by row, in the order of the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practicum.report.plots.drawing import Box, Drawing, Words, role_of

_LABEL, _SIDE, _GAP = 270, 16, 3
_MOST = 3000
"""Squares; a page with more is no picture."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run."""

    outcome: str
    tip: str
    link: str = ""


def strip(rows: Mapping[str, Sequence[Cell]], label: str) -> Drawing:
    """A row of squares for each label; long rows go on below."""
    drawing = Drawing(label, 0)
    across = int((drawing.width - _LABEL) // (_SIDE + _GAP))
    y, drawn = 2.0, 0
    for name, cells in rows.items():
        short = name if len(name) <= 34 else f"{name[:33]}…"
        drawing.shapes.append(Words(_LABEL - 10, y + 12, short, anchor="end"))
        for number, cell in enumerate(cells[: max(0, _MOST - drawn)]):
            line, place = divmod(number, across)
            x = _LABEL + place * (_SIDE + _GAP)
            box = Box(x, y + line * (_SIDE + _GAP), _SIDE, _SIDE, role_of(cell.outcome), cell.tip, cell.link)
            drawing.shapes.append(box)
            drawn += 1
        y += max(1, -(-len(cells) // across)) * (_SIDE + _GAP) + 5
        if drawn >= _MOST:
            break
    drawing.height = y
    return drawing
