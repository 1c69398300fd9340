"""Times and sums of money as options."""

from __future__ import annotations

from collections.abc import Callable

from practicum.errors import UsageError
from practicum.scenarios.units import dollars, seconds


def _parse(option: str, read: Callable[[object], float], text: str) -> float | None:
    if not text:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error


def time_option(option: str, text: str) -> float | None:
    """Seconds, None for an empty text.

    Raises:
        UsageError: not a time.
    """
    return _parse(option, seconds, text)


def money_option(option: str, text: str) -> float | None:
    """US dollars, None for an empty text.

    Raises:
        UsageError: not a sum.
    """
    return _parse(option, dollars, text)
