"""The gateway between agents and services."""

from practicum.proctor.gateway.gateway import Gateway
from practicum.proctor.gateway.upstream import Upstream
from practicum.proctor.gateway.webhooks import Publish

__all__ = ["Gateway", "Publish", "Upstream"]
