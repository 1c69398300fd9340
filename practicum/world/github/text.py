"""Small conversions of text."""

from __future__ import annotations

import base64
import binascii
import re

from practicum.world.github.errors import ApiError

_KEYWORD = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+))?#(\d+)\b", re.IGNORECASE
)


def b64(data: bytes) -> str:
    """Base 64 on one line."""
    return base64.b64encode(data).decode()


def b64_lines(data: bytes) -> str:
    """Base 64 in lines of 60 characters, each ended, as GitHub sends file contents."""
    text = base64.b64encode(data).decode()
    return "".join(text[at : at + 60] + "\n" for at in range(0, len(text), 60))


def unb64(text: str) -> bytes:
    """Read base 64, line ends or not.

    Raises:
        ApiError: 422 when it is none.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(422, "content is not valid Base64") from None


def closes(text: str, full_name: str) -> list[int]:
    """The issues of a repository that a text says it closes.

    https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
    """
    found = [int(n) for other, n in _KEYWORD.findall(text) if not other or other.lower() == full_name.lower()]
    return list(dict.fromkeys(found))
