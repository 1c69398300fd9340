"""The short forms in a charter for time, rate and money."""

from __future__ import annotations

import re
from datetime import timedelta

from practicum.errors import CharterError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*([smhd])")
_MONEY = re.compile(r"\$\s*(\d+(?:\.\d+)?)")


def parse_duration(text: str, place: str) -> timedelta:
    """`90s`, `15m`, `2h`, `1d` or several of them (`1h30m`).

    Raises:
        CharterError: something else, or nothing at all; `place` says where it stands.
    """
    parts = _DURATION.findall(text)
    total = timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    if "".join(_DURATION.sub("", text).split()) or not total:
        raise CharterError(f"{place}: {text!r} is not a time", hint="write 90s, 15m, 2h or 1h30m")
    return total


def parse_rate(text: str, place: str) -> float:
    """`10/s`, `600/m`: calls a second.

    Raises:
        CharterError: something else, or a rate of nothing.
    """
    match = _RATE.fullmatch(text.strip())
    rate = float(match[1]) / _SECONDS[match[2]] if match else 0.0
    if rate <= 0:
        raise CharterError(f"{place}: {text!r} is not a rate", hint="write 10/s or 600/m")
    return rate


def parse_money(text: str, place: str) -> float:
    """`$1`, `$0.50`: US dollars.

    Raises:
        CharterError: something else.
    """
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise CharterError(f"{place}: {text!r} is not an amount of money", hint="write $1 or $0.50")
    return float(match[1])
