"""Cursor pagination: `limit`, `cursor` and `response_metadata.next_cursor` (docs.slack.dev/apis/web-api/pagination)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from practicum.bus.events import Json
from practicum.world.slack.arguments import Arguments
from practicum.world.slack.errors import SlackError

T = TypeVar("T")


def page(items: Sequence[T], arguments: Arguments, *, default: int = 100, most: int = 1000) -> tuple[Sequence[T], Json]:
    """One page of `items`, and the `response_metadata` that leads to the next one (an empty cursor after the last).

    Raises:
        SlackError: `invalid_cursor`, or `invalid_limit` for one below 1.
    """
    limit = arguments.integer("limit", default) or default
    if limit < 1:
        raise SlackError("invalid_limit")
    start = _decode(arguments.text("cursor"))
    end = start + min(limit, most)
    return items[start:end], {"next_cursor": _encode(end) if end < len(items) else ""}


def _encode(start: int) -> str:
    return base64.b64encode(f"start:{start}".encode()).decode()


def _decode(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word != "start":
            raise SlackError("invalid_cursor")
        return max(0, int(number))
    except (binascii.Error, ValueError) as error:
        raise SlackError("invalid_cursor") from error
