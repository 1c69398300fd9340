"""Requests, responses, and which handler answers which path."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Callable


class Problem(Exception):
    """An answer that says what is wrong with the request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    body: bytes = b""
    hosts: frozenset[str] = frozenset()
    """The names, `host:port`, by which this service is reached."""

    def json(self) -> dict[str, object]:
        """The body as a JSON object. Raises `Problem` 400 when it is not one."""
        try:
            value = json.loads(self.body)
        except ValueError:
            raise Problem(400, "the body is not JSON") from None
        if not isinstance(value, dict):
            raise Problem(400, "the body must be a JSON object")
        return value


@dataclass(frozen=True)
class Response:
    """What goes out."""

    status: int
    body: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Response]
"""Takes the request and the parameters of its path by name."""


@dataclass(frozen=True)
class _Route:
    method: str
    segments: tuple[str, ...]
    handler: Handler

    def parameters(self, path: str) -> dict[str, str] | None:
        """The parameters when `path` fits, else None."""
        given = path.strip("/").split("/")
        if len(given) != len(self.segments):
            return None
        found = {}
        for wanted, segment in zip(self.segments, given):
            if wanted.startswith("{") and segment:
                found[wanted[1:-1]] = segment
            elif wanted != segment:
                return None
        return found


class Router:
    """Finds the handler: a literal segment wins over a parameter."""

    def __init__(self) -> None:
        self._routes: list[_Route] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Let `handler` answer `method` on `pattern`, such as `/links/{code}/stats`."""
        self._routes.append(_Route(method, tuple(pattern.strip("/").split("/")), handler))
        self._routes.sort(key=lambda route: sum(segment.startswith("{") for segment in route.segments))

    def literal(self, path: str) -> bool:
        """Whether a path is one of the service's own, without parameters, whatever its method."""
        return any(route.parameters(path) == {} for route in self._routes)

    def answer(self, request: Request) -> Response:
        """The response to a request; never raises `Problem`."""
        fitting = [(route, found) for route in self._routes if (found := route.parameters(request.path)) is not None]
        for route, found in fitting:
            if route.method == request.method:
                try:
                    return route.handler(request, **found)
                except Problem as problem:
                    return Response(problem.status, {"error": problem.reason})
        if fitting:
            allowed = ", ".join(sorted({route.method for route, _ in fitting}))
            return Response(405, {"error": f"{request.method} is not possible here"}, {"Allow": allowed})
        return Response(404, {"error": f"there is nothing at {request.path}"})
