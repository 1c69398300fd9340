"""Amounts as people write them."""

from __future__ import annotations

import math
import re

_TIME = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$")
_SIZE = re.compile(r"^(\d{1,15})\s*([KMGT]?)(?:i?B)?$", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, None: 1.0}


def seconds(value: object) -> float:
    """`90`, `90s`, `10m`, `1.5h` or `250ms` as seconds.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _float(value)
    else:
        match = _TIME.match(str(value).strip())
        if match is None:
            raise ValueError(f"{value!r} is not a time; write such as 90s or 10m")
        found = float(match[1]) * _SECONDS[match[2]]
    if not math.isfinite(found):
        raise ValueError("a time must have an end")
    if found <= 0:
        raise ValueError("a time must be more than nothing")
    return found


def size(value: object) -> int:
    """`512M`, `2G`, `64MiB` or a number of bytes, as bytes; K is 1024.

    Raises:
        ValueError: anything else.
    """
    match = _SIZE.match(str(value).strip()) if not isinstance(value, bool) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size; write such as 512M or 2G")
    return int(match[1]) * int(1024 ** _POWERS[match[2].upper()])


def dollars(value: object) -> float:
    """`$5`, `5` or `0.50` as US dollars.

    Raises:
        ValueError: anything else.
    """
    try:
        found = _float(str(value).strip().removeprefix("$"))
    except ValueError as error:
        raise ValueError(f"{value!r} is not an amount; write such as $5") from error
    if not math.isfinite(found):
        raise ValueError("an amount must have an end")
    if found < 0:
        raise ValueError("an amount must not be negative")
    return found


def _float(value: float | str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("a number too large") from error


def milliseconds(value: object) -> float:
    """A bare number is milliseconds; `10s` says its unit. In seconds.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return seconds(_float(value) / 1000)
    return seconds(value)
