"""OpenAI's API. Source: platform.openai.com/docs/api-reference, chat, responses, embeddings and models."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (
    Route("POST", "/chat/completions", "", "write", reads_body=True),
    Route("POST", "/responses", "", "write", reads_body=True),
    Route("POST", "/embeddings", "", "write", reads_body=True),
    Route("GET", "/models", "", "read"),
    Route("GET", "/models/{model}", "", "read"),
)
"""Templates are below `/v1`."""
TABLE = Table("openai", ROUTES)


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
