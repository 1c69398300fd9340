"""Anthropic's API. Source: docs.anthropic.com/en/api, messages, token counting and models."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/messages", "", "write", reads_body=True),
    Route("POST", "/v1/messages/count_tokens", "", "read", reads_body=True),
    Route("GET", "/v1/models", "", "read"),
    Route("GET", "/v1/models/{model}", "", "read"),
)
TABLE = Table("anthropic", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with the model as resource; a question that names none asks for all (`*`)."""
    found = match(parts)
    if found is None:
        return None
    model = parts.text("model") or "*" if found.route.reads_body else found.values.get("model", "")
    return TABLE.access(found, model)
