"""Regular expressions of a scenario file: checked when it is read, bounded when they are used.

They are matched by the `regex` library, which takes a time limit; `re` has none, holds the interpreter while it tries,
and an agent that knows the pattern could write what keeps it trying for years. (A thread cannot be stopped, a process
for each match costs more than a whole small scenario.) What `re` understands means the same here. Beyond that, what
JavaScript writes otherwise is understood, since scenario files from elsewhere have it.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from practicum.errors import InfrastructureError

if TYPE_CHECKING:
    import regex

LONGEST_S = 2.0
"""One search may take so long."""
_LONGEST_PATTERN = 4000
_MOST_SIZE = 50_000
"""`a{1000}` is a thousand `a` once compiled; compiling is the one thing that has no time limit."""

_LITERAL = re.compile(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([dgimsuvy]*)", re.DOTALL)
"""`/.../i`. Source: ECMA-262, RegularExpressionLiteral."""
_JAVASCRIPT = re.compile(
    r"\\u\{(?P<point>[0-9A-Fa-f]{1,6})\}|\\c(?P<control>[A-Za-z])|\\k<(?P<name>\w+)>"
    r"|(?P<any>\[\^\])|(?P<none>\[\])|(?P<set>\[\^?\]?(?:[^\]\\]|\\.)*\])|(?P<else>\\.)",
    re.DOTALL,
)
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|\{(\d*),?(\d*)\}|[()|]|.", re.DOTALL)


def literal(text: str) -> tuple[str, str]:
    """Pattern and flags of `/.../i`; any other text is a pattern without flags."""
    match = _LITERAL.fullmatch(text)
    return (text, "") if match is None else (from_javascript(match[1]), match[2])


def from_javascript(pattern: str) -> str:
    """What JavaScript writes otherwise, as Python does: `\\u{1F600}`, `\\cJ`, `\\k<name>`, `[^]`, `[]`."""
    return _JAVASCRIPT.sub(_translated, pattern)


def _translated(match: re.Match[str]) -> str:
    if match["point"]:
        number = int(match["point"], 16)
        return re.escape(chr(number)) if number <= 0x10FFFF else match[0]
    if match["control"]:
        return f"\\x{ord(match['control']) % 32:02x}"
    if match["name"]:
        return f"(?P={match['name']})"
    if match["any"]:
        return r"[\s\S]"
    if match["none"]:
        return "(?!)"
    return match[0]


def compiled(pattern: str, flags: str = "") -> regex.Pattern[str]:
    """A pattern, ready to be used. Of JavaScript's flags only `i`, `m` and `s` change anything here.

    Raises:
        ValueError: it is not a regular expression, or one that is too large.
    """
    import regex

    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"a regular expression of more than {_LONGEST_PATTERN} characters")
    bits = regex.VERSION0
    for letter, bit in (("i", regex.IGNORECASE), ("m", regex.MULTILINE), ("s", regex.DOTALL)):
        if letter in flags:
            bits |= bit
    problem: Exception | None = None
    for text in (pattern, from_javascript(pattern)):
        if _size(text) > _MOST_SIZE:
            raise ValueError("not a regular expression that can be used: its repetitions multiply to too many")
        try:
            return regex.compile(text, bits)
        except (regex.error, OverflowError, RecursionError, ValueError, IndexError) as error:
            problem = problem or error
    raise ValueError(f"not a regular expression: {problem}")


def _size(pattern: str) -> int:
    """About how large a pattern is once its counted repetitions are written out."""
    totals, atom = [0], 0
    for match in _TOKEN.finditer(pattern):
        part = match[0]
        if part == "(":
            totals.append(0)
            atom = 0
        elif part == ")" and len(totals) > 1:
            atom = totals.pop()
            totals[-1] += atom
        elif part[0] == "{" and len(part) > 2 and (match[1] or match[2]):
            most = max(int((digits or "0")[:9]) for digits in (match[1], match[2]))
            totals[-1] += atom * (most - 1)
            atom *= most
        else:
            atom = 1
            totals[-1] += 1
    return sum(totals)


def _checked(value: str) -> str:
    compiled(value)
    return value


Expression = Annotated[str, AfterValidator(_checked)]
"""A regular expression, refused when the scenario is read and not only when it is used."""


def search(pattern: str, text: str, flags: str = "") -> regex.Match[str] | None:
    """The first place where a checked pattern fits.

    Raises:
        InfrastructureError: it took longer than two seconds.
    """
    try:
        return compiled(pattern, flags).search(text, timeout=LONGEST_S, concurrent=True)
    except TimeoutError as error:
        raise InfrastructureError(
            f"{pattern!r} was tried for {LONGEST_S:g} s on {len(text)} characters",
            hint="a repetition inside a repetition, such as (a+)+, has too many ways to fit",
        ) from error


async def find(pattern: str, text: str, flags: str = "") -> regex.Match[str] | None:
    """`search` while other things go on.

    Raises:
        InfrastructureError: it took longer than two seconds.
    """
    return await asyncio.to_thread(search, pattern, text, flags)
