"""`exchange.*`: one outside call through the gateway."""

from __future__ import annotations

from practicum.bus.events.base import Data


class ExchangeCompleted(Data, type="exchange.completed"):
    """An agent called a service through the gateway, and this is what came of it."""

    lease: str
    """Id of the lease that was used; empty when none was recognised."""
    agent: str
    service: str
    method: str
    route: str
    """The route's template, such as `GET /repos/{owner}/{repo}`; `unknown` when none fits."""
    path: str
    """Path and query as sent, without credentials."""
    resource: str = ""
    """What the call is about: `acme/shortlink`, a channel, a model."""
    status: int
    ms: float
    request_bytes: int = 0
    response_bytes: int = 0
    cost_usd: float = 0.0
    refused: str = ""
    """Why the proctor refused; empty when the call went through."""
    request_digest: str = ""
    """SHA-256 of the request's body."""
    response_body: str = ""
    """The answer's body where it is text and kept for replay (models); otherwise empty."""
    response_digest: str = ""
    upstream: bool = True
    """Whether the call reached the service."""
    mocked: bool = False
    """Whether a mock of the scenario answered in the service's place; such a call reaches nothing."""
