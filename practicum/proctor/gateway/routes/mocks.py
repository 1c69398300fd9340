"""Mocked methods of services that nobody plays: `POST /mocks/SERVICE/METHOD`, or `POST /mocks/METHOD`.

A name is one segment, whatever stands in it: `@acme/github` is a service too, with its slash encoded.
"""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (
    Route("POST", "/{method}", "call", "write", reads_body=True),
    Route("POST", "/{service}/{method}", "call", "write", reads_body=True),
)
"""Without a service: mocks that leave it out."""
TABLE = Table("mocks", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    if parts.method != "POST" or not 1 <= len(parts.segments) <= len(ROUTES):
        return None
    return Match(ROUTES[len(parts.segments) - 1], {})


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with `SERVICE.METHOD` as resource."""
    found = match(parts)
    return None if found is None else TABLE.access(found, ".".join(parts.segments))
