"""Slack's private files (`url_private`): api.slack.com/types/file, "Authentication"."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (Route("GET", "/files/{path+}", "files", "read"),)
TABLE = Table("slack", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request."""
    return TABLE.match(parts.method, ("files", *parts.segments)) if parts.segments else None


def classify(parts: Parts) -> Access | None:
    """What a request asks for; which channels a file is in only Slack knows, and its own check stands."""
    found = match(parts)
    return None if found is None else TABLE.access(found, "")
