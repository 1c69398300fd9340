"""When two names mean the same service or the same method."""

from __future__ import annotations

import re

_REST = re.compile(r"[^a-z0-9]+")


def plain_service(name: str) -> str:
    """A service's name without what varies between files: `github-service`, `githubService`, `GITHUB` are `github`."""
    plain = _REST.sub("", name.lower())
    return plain.removesuffix("service") or plain


def same_service(one: str, other: str) -> bool:
    """Whether two names mean the same service."""
    return plain_service(one) == plain_service(other)


def plain_method(name: str) -> str:
    """A method's name as it is compared: without regard to case."""
    return name.strip().lower()
