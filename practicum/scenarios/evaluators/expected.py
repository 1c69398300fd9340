"""What a scenario expects of the judge's answer, in all the ways that files write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["answer", "score", "words", "level"]
"""A yes or a no; a score from 0 to 1; words that describe what is expected; the name of a level."""

LEVELS = ("fail", "partial", "pass")
"""The levels of a judge where a file names one of them and no levels of its own; from worst to best."""

_YES, _NO = frozenset({"yes", "true", "y"}), frozenset({"no", "false", "n"})
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)"
_RANGE = re.compile(rf"^{_NUMBER}\s*(?:-|–|\.\.|to)\s*{_NUMBER}$", re.IGNORECASE)
_SIGNED = re.compile(rf"^(>=|=>|≥|>|<=|=<|≤|<|==|=)?\s*{_NUMBER}\s*([+-]?)$")
_NUMERIC = re.compile(r"^[\d.<>=≥≤]")


@dataclass(frozen=True)
class Expectation:
    """What must hold of the judge's answer. The judge is not told, so that it does not answer what is hoped for."""

    kind: Kind
    text: str
    """As the file has it."""
    answer: Literal["yes", "no"] = "yes"
    """`answer`: what the judge must say. A no is a no to the question as it was asked."""
    least: float = 0.0
    most: float = 1.0
    open_least: bool = False
    """`score`: the least itself is not enough (`>0.8`)."""
    open_most: bool = False
    level: int = 0
    """`level`: the least that is enough, counted from the worst."""
    levels: tuple[str, ...] = ()

    def score_holds(self, value: float) -> bool:
        """Whether a score is within the bounds."""
        low = value > self.least if self.open_least else value >= self.least
        high = value < self.most if self.open_most else value <= self.most
        return low and high

    @property
    def certain(self) -> bool:
        """Whether every answer is as expected: the worst level or better, any score at all."""
        if self.kind == "level":
            return self.level == 0
        return self.kind == "score" and self.score_holds(0.0) and self.score_holds(1.0)

    @property
    def bounds(self) -> str:
        """The scores that are expected, in words."""
        if self.most >= 1.0 and not self.open_most:
            return f"{'more than' if self.open_least else 'at least'} {self.least:g}"
        if self.least <= 0.0 and not self.open_least:
            return f"{'less than' if self.open_most else 'at most'} {self.most:g}"
        return f"{self.least:g} to {self.most:g}"


def read_expected(value: str | bool | float, levels: tuple[str, ...] = ()) -> Expectation:
    """Read `yes`, `false`, `0.8+`, `0.3-`, `0.8-1.0`, `>=0.8`, `80%`, the name of a level, or words.

    A bare number is the least that is enough. YAML makes a boolean of a bare yes or no; that is read as it was meant.

    Raises:
        ValueError: it looks like a score and is none, or is none of the levels that are given.
    """
    if isinstance(value, bool):
        return Expectation("answer", "yes" if value else "no", "yes" if value else "no")
    text = str(value).strip()
    plain = text.lower().rstrip(".!")
    if levels:
        names = [level.lower() for level in levels]
        if plain.rstrip("+") not in names:
            raise ValueError(f"none of the levels: {', '.join(levels)}")
        return Expectation("level", text, level=names.index(plain.rstrip("+")), levels=levels)
    if plain in _YES or plain in _NO:
        return Expectation("answer", text, "yes" if plain in _YES else "no")
    if plain in LEVELS:
        return Expectation("level", text, level=LEVELS.index(plain), levels=LEVELS)
    score = _score(text)
    if score is not None:
        return score
    if not text:
        raise ValueError("nothing is expected: write yes, no, 0.8+, or what is expected in words")
    if _NUMERIC.match(text) and not re.search(r"[A-Za-z]{3}", text):
        raise ValueError("not a score: write such as 0.8+, 0.3-, 0.8-1.0, >=0.8")
    return Expectation("words", text)


def _score(text: str) -> Expectation | None:
    match = _RANGE.match(text)
    if match is not None:
        least, most = _share(match[1], match[2] or match[4]), _share(match[3], match[4] or match[2])
        if least > most:
            raise ValueError(f"the least, {least:g}, is more than the most, {most:g}")
        return Expectation("score", text, least=least, most=most)
    match = _SIGNED.match(text)
    if match is None or (match[1] and match[4]):
        return None
    sign, value = match[1] or match[4] or "+", _share(match[2], match[3])
    if sign in (">=", "=>", "≥", "+"):
        return Expectation("score", text, least=value)
    if sign == ">":
        return Expectation("score", text, least=value, open_least=True)
    if sign in ("=", "=="):
        return Expectation("score", text, least=value, most=value)
    return Expectation("score", text, most=value, open_most=sign == "<")


def _share(number: str, percent: str) -> float:
    value = float(number) / (100 if percent else 1)
    if not 0 <= value <= 1:
        raise ValueError("a score is from 0 to 1")
    return value
