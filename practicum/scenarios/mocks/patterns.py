"""Methods that are HTTP requests: `GET /repos/{owner}/{repo}/issues`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from practicum.errors import UsageError

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY", "*")
_REQUEST = re.compile(r"^\s*([A-Za-z]+|\*)\s+(/\S*|https?://\S+)\s*$")
_HOLE = re.compile(r"^(?:\{([A-Za-z_]\w*)(\+?)\}|:([A-Za-z_]\w*)|(\*))$")
_PREFIX = re.compile(r"^/api(?:/v(?:3|6|7|8|9|10)(?=/)|(?=/\w+\.[\w.]+/?$))")
"""What SDKs put before a path: GitHub's on a server of one's own, Discord's versions, Slack's before a method."""


@dataclass(frozen=True)
class Pattern:
    """A verb and a path with holes."""

    verb: str
    """`ANY` for all of them."""
    segments: tuple[str, ...]
    """A hole is kept as its name in braces; one that takes the rest of the path ends in `+`."""

    @property
    def literal(self) -> int:
        """How many segments stand for themselves."""
        return sum(_hole(segment) is None for segment in self.segments)

    @property
    def holes(self) -> tuple[str, ...]:
        """Names of the path parameters; `*` has none."""
        return tuple(hole[0] for segment in self.segments if (hole := _hole(segment)) is not None)

    def match(self, verb: str, path: str) -> tuple[str, ...] | None:
        """The path parameters of a request in order; None where it does not fit.

        What SDKs of the vendors put before a path, such as `/api/v3`, counts for nothing.
        """
        if self.verb not in ("ANY", verb.upper()):
            return None
        found = self._match(split(path))
        return found if found is not None else self._match(split(_PREFIX.sub("", path)))

    def _match(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        found: list[str] = []
        for index, segment in enumerate(self.segments):
            hole = _hole(segment)
            if index >= len(parts):
                return None
            if hole is not None and hole[1]:
                return (*found, "/".join(parts[index:]))
            if hole is not None:
                found.append(parts[index])
            elif segment != parts[index]:
                return None
        return tuple(found) if len(parts) == len(self.segments) else None


def split(path: str) -> tuple[str, ...]:
    """The decoded segments of a path."""
    return tuple(unquote(part) for part in path.strip("/").split("/") if part)


def _hole(segment: str) -> tuple[str, bool] | None:
    """Name of a hole and whether it takes the rest; None for a segment that stands for itself."""
    found = _HOLE.match(segment)
    return None if found is None else (found[1] or found[3] or "*", found[2] == "+")


def is_request(method: str) -> bool:
    """Whether a method is written as a request and not as a name."""
    return _REQUEST.match(method) is not None


def read_pattern(method: str) -> Pattern:
    """A method as a pattern. A `*` or a `{path}` that ends it takes the rest of the path.

    Raises:
        UsageError: the verb is none, or a segment is half a hole.
    """
    found = _REQUEST.match(method)
    if found is None:
        raise UsageError(f"{method!r} is no request", hint="write such as GET /repos/{owner}/{repo}/issues")
    verb = found[1].upper()
    if verb not in _VERBS:
        raise UsageError(f"{found[1]} is no HTTP verb", hint=f"one of {', '.join(_VERBS)}")
    target = urlsplit(found[2])
    if target.query:
        raise UsageError("a method has no query", hint="ask for it under when.input: the query is part of the input")
    parts = [part for part in _PREFIX.sub("", target.path).split("/") if part]
    for index, part in enumerate(parts):
        hole = _hole(part)
        if hole is None and ("{" in part or "}" in part):
            raise UsageError(f"{part!r} is half a hole", hint="a whole segment is {name} or stands for itself")
        if hole is not None and hole[1] and index < len(parts) - 1:
            raise UsageError(f"{part!r} takes the rest of the path, nothing can follow it")
        if hole is not None and hole[0] in ("*", "path") and index == len(parts) - 1:
            parts[index] = f"{{{'rest' if hole[0] == '*' else 'path'}+}}"
    return Pattern("ANY" if verb == "*" else verb, tuple(unquote(part) for part in parts))
