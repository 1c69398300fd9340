"""Text of unknown origin, made fit to be shown."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def shown(value: object, most: int = 80) -> str:
    """A value in an error: enough of it to be recognised."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number too large"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def printable(text: str, width: int = 0) -> str:
    """Text that may go to a terminal: no escapes, no control or direction characters, one line, at most `width`."""
    clean = _CONTROL.sub("", " ".join(text.split()))
    return clean if not width or len(clean) <= width else clean[: width - 1] + "…"
