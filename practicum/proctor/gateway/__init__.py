"""The gateway between agents and services."""

from practicum.proctor.gateway.gateway import Gateway, Publish
from practicum.proctor.gateway.upstream import Upstream

__all__ = ["Gateway", "Publish", "Upstream"]
