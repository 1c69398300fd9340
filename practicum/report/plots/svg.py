"""Shapes as inline SVG. All text in it is escaped; colours are classes of the page's style sheet."""

from __future__ import annotations

from html import escape

from practicum.report.plots.drawing import Box, Drawing, Shape, Stroke, Trace, Words
from practicum.report.visible import one_line


def svg(drawing: Drawing) -> str:
    """An `<svg>` element."""
    size = f"0 0 {_number(drawing.width)} {_number(drawing.height)}"
    head = f'<svg viewBox="{size}" role="img" aria-label="{_text(drawing.label)}" class="plot">'
    return f"{head}{''.join(map(_shape, drawing.shapes))}</svg>"


def _shape(shape: Shape) -> str:
    match shape:
        case Box():
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
            size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
            tip = f"<title>{_text(shape.tip)}</title>" if shape.tip else ""
            element = f'<rect {place} {size} class="{shape.role}">{tip}</rect>'
            return f'<a href="{_text(shape.link)}">{element}</a>' if shape.link else element
        case Stroke():
            ends = (
                f'x1="{_number(shape.x1)}" y1="{_number(shape.y1)}" x2="{_number(shape.x2)}" y2="{_number(shape.y2)}"'
            )
            return f'<line {ends} class="{shape.role}" stroke-width="{_number(shape.width)}"/>'
        case Trace():
            points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
            return f'<polyline points="{points}" class="{shape.role}" stroke-width="{_number(shape.width)}"/>'
        case Words():
            bold = ' font-weight="600"' if shape.bold else ""
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" text-anchor="{shape.anchor}"'
            return (
                f'<text {place} class="{shape.role}" font-size="{_number(shape.size)}"{bold}>{_text(shape.text)}</text>'
            )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return escape(one_line(text, 300))
