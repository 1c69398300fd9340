"""Plots as plain shapes: worked out once, written as SVG for pages and drawn into PDF."""

from practicum.report.plots.curve import curve
from practicum.report.plots.drawing import Box, Drawing, Role, Stroke, Trace, Words
from practicum.report.plots.rates import Bar, rates
from practicum.report.plots.spread import spread
from practicum.report.plots.strip import Cell, strip
from practicum.report.plots.svg import svg

__all__ = [
    "Bar",
    "Box",
    "Cell",
    "Drawing",
    "Role",
    "Stroke",
    "Trace",
    "Words",
    "curve",
    "rates",
    "spread",
    "strip",
    "svg",
]
