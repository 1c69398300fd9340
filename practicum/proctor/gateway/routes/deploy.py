"""The deploy target: route to action of the charter."""

from __future__ import annotations

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

_APP = "/v1/apps/{app}"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/apps", "read", "read"),
    Route("GET", _APP, "read", "read"),
    Route("DELETE", _APP, "stop", "write", act="stop"),
    Route("GET", f"{_APP}/deployments", "read", "read"),
    Route("GET", f"{_APP}/deployments/{{deployment}}", "read", "read"),
    Route("GET", f"{_APP}/logs", "read", "read"),
    Route("POST", f"{_APP}/deployments", "deploy", "write", act="deploy"),
    Route("POST", f"{_APP}/rollback", "rollback", "write", act="rollback"),
    *(Route(method, f"{_APP}/http", "probe", "write") for method in _METHODS),
    *(Route(method, f"{_APP}/http/{{path+}}", "probe", "write") for method in _METHODS),
)
"""Templates are below `/deploy`; `http/...` is the running application itself."""
TABLE = Table("deploy", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with the application as resource."""
    found = match(parts)
    return None if found is None else TABLE.access(found, found.values.get("app", ""))
