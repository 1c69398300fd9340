"""Text of unknown origin in a report: every character that a reader cannot see is named, none is obeyed."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)
"""Control and direction characters, invisible ones, and what XML 1.0 has no place for. Not line break and tab."""


def _name(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, most: int = 0) -> str:
    """Text whose lines and spaces stay, with hidden characters named: `\\x1b[31m`, `\\u202e`.

    Fit for HTML and XML once escaped, for a terminal as it is. Longer than `most` characters (0: any length), its
    middle is left out and that is said: an error stands at the end more often than not.
    """
    if most and len(text) > most:
        half = most // 2
        left = len(text) - 2 * half
        text = f"{text[:half]}\n[... {left} characters left out ...]\n{text[-half:]}"
    return _HIDDEN.sub(_name, text.replace("\r\n", "\n"))


def one_line(text: str, most: int = 0) -> str:
    """The same on one line, for titles and attributes; cut at the end."""
    clean = visible(" ".join(text.split()))
    return clean if not most or len(clean) <= most else f"{clean[: most - 1]}…"
