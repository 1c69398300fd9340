"""The pages' templates, and the one way to fill them: everything is escaped, a name that is not there is an error."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from practicum import __version__
from practicum.report.amounts import percent, seconds, usd
from practicum.report.visible import visible
from practicum.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

_MOST_BLOCK = 20_000
"""Characters of one block; the trajectory holds all."""


def fill(template: str, **values: object) -> str:
    """A page from `template.html.jinja` beside this file."""
    return _environment().get_template(f"{template}.html.jinja").render(version=__version__, style=_style(), **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    root = resources.files(__package__)
    environment = Environment(
        loader=FunctionLoader(lambda name: (root / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clean": printable,
        "lines": _lines,
        "block": _block,
        "seconds": seconds,
        "usd": usd,
        "percent": percent,
    }
    return environment


def _style() -> str:
    from markupsafe import Markup

    return Markup((resources.files(__package__) / "page.css").read_text(encoding="utf-8"))  # our own, not escaped


_MOST_TEXT = 2000


def _lines(text: str) -> str:
    """Text of several lines, each fit to be shown."""
    short = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
    return "\n".join(printable(line) for line in short.splitlines())


def _block(text: str) -> str:
    """Output or code: its lines and spaces stay, hidden characters are named."""
    return visible(text.rstrip("\n"), _MOST_BLOCK)
