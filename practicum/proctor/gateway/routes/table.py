"""Tables from route to permission, and how a request is matched against one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from practicum.bus.events import Json
from practicum.proctor.access import Access, Level

_PARAMETER = re.compile(r"\{(\w+)(\+)?\}")


@dataclass(frozen=True, slots=True)
class Parts:
    """A request as a classifier sees it: decoded once, without credentials."""

    method: str
    segments: tuple[str, ...]
    """Below the service's prefix."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    """Top-level fields of a JSON or form body; empty where the route's decision does not need it."""
    login: str = ""
    """The account on whose behalf the call is made."""

    @property
    def path(self) -> str:
        """The segments as one readable path."""
        return "/" + "/".join(self.segments)

    def text(self, name: str) -> str:
        """A string from the body, else from the query; empty when it is in neither."""
        value = self.body.get(name, self.query.get(name, ""))
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a table. `{name}` is one segment, `{name+}` the rest of the path or a segment with slashes."""

    method: str
    template: str
    permission: str
    level: Level
    act: str = ""
    reads_body: bool = False
    """Whether the decision needs the body."""
    alternative: str = ""
    """Another permission that suffices where the numbered thing is a pull request."""

    @property
    def name(self) -> str:
        """How events and refusals name the route."""
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route that fits a request, and the values of its parameters."""

    route: Route
    values: Mapping[str, str]


class Table:
    """The routes of one service."""

    def __init__(self, service: str, routes: Iterable[Route]) -> None:
        self.service = service
        self.routes = tuple(routes)
        self._by_method: dict[str, list[tuple[tuple[str, ...], re.Pattern[str], Route]]] = defaultdict(list)
        for route in self.routes:
            pattern = re.compile(_expression(route.template))
            self._by_method[route.method].append((_statics(route.template), pattern, route))
        for entries in self._by_method.values():
            entries.sort(key=lambda entry: _specificity(entry[2].template), reverse=True)

    def match(self, method: str, segments: tuple[str, ...]) -> Match | None:
        """The most specific route for a request; None when there is none, or when an encoded slash makes it two.

        `HEAD` is read as `GET` (RFC 9110, section 9.3.2).
        """
        method = "GET" if method == "HEAD" else method
        found = self._match(method, "/" + "/".join(part.replace("/", "\x1f") for part in segments))
        if found is None or not any("/" in part for part in segments):
            return found
        split = self._match(method, "/" + "/".join(segments))
        return found if split is None or split.route is found.route else None

    def _match(self, method: str, path: str) -> Match | None:
        for statics, pattern, route in self._by_method.get(method, ()):
            if all(part in path for part in statics) and (hit := pattern.fullmatch(path)):
                return Match(route, {name: value.replace("\x1f", "/") for name, value in hit.groupdict().items()})
        return None

    def access(self, match: Match, resource: str, *, act: str | None = None) -> Access:
        """What a matched request asks for."""
        route = match.route
        return Access(
            service=self.service,
            route=route.name,
            resource=resource,
            permission=route.permission,
            level=route.level,
            act=route.act if act is None else act,
            writes=route.method not in ("GET", "HEAD", "OPTIONS") and route.level == "write",
            alternative=route.alternative,
        )


def _expression(template: str) -> str:
    out, end = [], 0
    for hit in _PARAMETER.finditer(template):
        out.append(re.escape(template[end : hit.start()]))
        values = ".+" if hit[2] else r"[^/\x1f]+"
        out.append(f"(?P<{hit[1]}>{values})")
        end = hit.end()
    return "".join(out) + re.escape(template[end:])


def _statics(template: str) -> tuple[str, ...]:
    return tuple(part for part in _PARAMETER.split(template)[::3] if len(part) > 1)


def _specificity(template: str) -> tuple[int, int, int]:
    """Fixed segments count before parameters, one segment before the rest of the path."""
    parts = template.strip("/").split("/")
    fixed = sum("{" not in part for part in parts)
    rest = sum("+}" in part for part in parts)
    return (fixed, -rest, len(parts))
