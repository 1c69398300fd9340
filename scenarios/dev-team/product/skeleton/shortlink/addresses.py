"""Which addresses are taken."""

from __future__ import annotations

from urllib.parse import urlsplit

from shortlink.web import Problem, Request

LONGEST = 2000
"""Characters of an address."""


def wanted(request: Request) -> str:
    """The address under `url` in a request's body. Raises `Problem` 400 with the reason when it is not taken."""
    url = request.json().get("url")
    if not isinstance(url, str) or not url:
        raise Problem(400, 'give an address: {"url": "https://..."}')
    if len(url) > LONGEST:
        raise Problem(400, f"the address has more than {LONGEST} characters")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise Problem(400, "an address has no spaces in it")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Problem(400, "this is not an address") from None
    if parts.scheme not in ("http", "https"):
        raise Problem(400, "only http and https addresses are taken")
    if not host:
        raise Problem(400, "the address names no host")
    return url
