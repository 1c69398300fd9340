"""Mocked methods of services that nobody plays: `POST /mocks/SERVICE/METHOD`, or `POST /mocks/METHOD`."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (
    Route("POST", "/{service}/{method}", "call", "write", reads_body=True),
    Route("POST", "/{method}", "call", "write", reads_body=True),
)
"""Without a service: mocks that leave it out."""
TABLE = Table("mocks", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with `SERVICE.METHOD` as resource."""
    found = match(parts)
    return None if found is None else TABLE.access(found, ".".join(parts.segments))
