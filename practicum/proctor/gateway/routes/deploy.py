"""The deploy target: route to action of the charter."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

_APP = "/deploy/v1/apps/{app}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/deploy/v1/apps", "read", "read"),
    Route("GET", _APP, "read", "read"),
    Route("GET", f"{_APP}/deployments", "read", "read"),
    Route("GET", f"{_APP}/deployments/{{deployment}}", "read", "read"),
    Route("GET", f"{_APP}/deployments/{{deployment}}/logs", "read", "read"),
    Route("GET", f"{_APP}/logs", "read", "read"),
    Route("POST", f"{_APP}/deployments", "deploy", "write", act="deploy"),
    Route("POST", f"{_APP}/rollback", "rollback", "write", act="rollback"),
    Route("POST", f"{_APP}/stop", "stop", "write", act="stop"),
    Route("POST", f"{_APP}/probe", "probe", "write"),
)
"""Templates carry the service's prefix, as the target itself writes them."""
TABLE = Table("deploy", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, ("deploy", *parts.segments))


def classify(parts: Parts) -> Access | None:
    """What a request asks for. The target belongs to the run, so the only resource is the target itself."""
    found = match(parts)
    return None if found is None else TABLE.access(found, "")
