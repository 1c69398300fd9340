"""Which combinations of a matrix are meant: `run[0].input=*issues*`, `character.model=openai/gpt-5`, or a word."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping, Sequence

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.scenarios.matrix.loader import Combination, Matrix
from practicum.scenarios.matrix.path import parse_path, written
from practicum.scenarios.statistics.rows import shown
from practicum.text import printable

_WILD = frozenset("*?")


def select(matrix: Matrix, filters: Sequence[str]) -> list[Combination]:
    """The combinations that fit every filter; all without one.

    Raises:
        UsageError: a filter names a parameter that the matrix does not have, or nothing fits.
    """
    tests = [parse_filter(text, matrix.axes) for text in filters]
    found = [item for item in matrix.combinations if all(fits(item.parameters, test) for test in tests)]
    if found:
        return found
    values = "; ".join(f"{name}: {printable(', '.join(map(shown, held)), 120)}" for name, held in matrix.axes.items())
    raise UsageError(f"no combination fits {' and '.join(map(repr, filters))}", hint=values)


def parse_filter(text: str, parameters: Iterable[str]) -> tuple[str, str]:
    """Parameter and pattern; an empty parameter means any.

    Raises:
        UsageError: there is no such parameter, or the pattern is empty.
    """
    known = list(parameters)
    name, equals, pattern = text.partition("=")
    if not equals:
        name, pattern = "", text
    else:
        name = _canonical(name)
        if name not in known:
            close = difflib.get_close_matches(name, known, 1, 0.4)
            first = f'did you mean "{close[0]}"? ' if close else ""
            raise UsageError(
                f"{text!r}: no parameter {name!r}", hint=f"{first}parameters: {', '.join(known) or 'none'}"
            )
    if not pattern and not equals:
        raise UsageError("an empty filter fits nothing", hint="write such as 'run[0].input=*issues*'")
    return name, pattern


def fits(parameters: Mapping[str, Json], test: tuple[str, str]) -> bool:
    """Whether the parameters fit.

    `*` and `?` stand for any text. Without them a named parameter must be equal; without a parameter the text may stand
    anywhere in a value.
    """
    name, pattern = test
    if name:
        return name in parameters and _equal(shown(parameters[name]), pattern)
    return any(_somewhere(shown(value), pattern) for value in parameters.values())


def _equal(text: str, pattern: str) -> bool:
    return text == pattern or (bool(_WILD & set(pattern)) and fnmatch.fnmatchcase(text, _only_wild(pattern)))


def _somewhere(text: str, pattern: str) -> bool:
    return _equal(text, pattern) if _WILD & set(pattern) else pattern in text


def _only_wild(pattern: str) -> str:
    """Brackets are brackets: values are full of them."""
    return pattern.replace("[", "[[]")


def _canonical(name: str) -> str:
    try:
        return written(parse_path(name))
    except ValueError:
        return name
