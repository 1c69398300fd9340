"""Webhooks and the record of their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from practicum.bus.events import Json


@dataclass
class Delivery:
    """One attempt to hand an event to a hook."""

    id: int
    guid: str
    event: str
    action: str | None
    delivered_at: datetime
    headers: dict[str, str]
    payload: dict[str, Json]
    redelivery: bool = False
    seconds: float = 0.0
    status: str = "pending"
    status_code: int = 0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""


@dataclass
class Hook:
    """A repository's webhook."""

    id: int
    url: str
    content_type: str
    """`json` or `form`."""
    secret: str = field(repr=False)
    insecure_ssl: str
    events: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime
    deliveries: list[Delivery] = field(default_factory=list)
