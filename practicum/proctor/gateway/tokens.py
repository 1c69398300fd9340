"""Finds the lease in a request, and says which of the client's headers may go on at all."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from multidict import CIMultiDictProxy

from practicum.bus.events import Json
from practicum.ids import LEASE_TOKEN

CREDENTIAL_FIELDS = frozenset({"token", "access_token", "api_key", "client_secret", "refresh_token"})
"""Query, form and JSON fields that never go on."""

_FORWARDED = frozenset({
    "accept",
    "accept-language",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "anthropic-version",
    "content-type",
    "git-protocol",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "openai-beta",
    "range",
    "user-agent",
    "x-audit-log-reason",
    "x-client-request-id",
    "x-github-api-version",
    "x-ratelimit-precision",
})  # fmt: skip
"""What a client may say to a service. A list of what is allowed: no credential, method override, or forwarding header
that some service might honour can be forgotten."""

_CAUSE_HEADER = "X-Practicum-Cause"
_CAUSE_AGENT = re.compile(r"\s*practicum-cause/([0-9A-Za-z-]{1,64})")
_HIDDEN = re.compile(r"([?&](?:token|access_token|api_key|client_secret|refresh_token)=|/ticket/)[^&/?]*")
_CAUSE = re.compile(r"[0-9A-Za-z-]{1,64}")


def token_of(headers: CIMultiDictProxy[str], query: Mapping[str, str], body: Mapping[str, Json]) -> str:
    """The lease token, wherever SDK or git put it; empty when there is none.

    `Authorization: token|Bearer|Bot X`, HTTP Basic (git), `x-api-key` (Anthropic), the field `token` (Slack).
    """
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    value = value.strip()
    if scheme.lower() in ("token", "bearer", "bot") and value:
        return value
    if scheme.lower() == "basic":
        return _basic(value)
    if key := headers.get("x-api-key"):
        return key
    for fields in (body, query):
        found = fields.get("token")
        if isinstance(found, str) and found:
            return found
    return ""


def forwarded_headers(headers: CIMultiDictProxy[str]) -> dict[str, str]:
    """The client's headers that may go on, lease tokens and causes taken out of them."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        lowered = name.lower()
        if (lowered in _FORWARDED or lowered.startswith("x-stainless-")) and lowered not in kept:
            kept[lowered] = value
    if agent := kept.get("user-agent"):
        kept["user-agent"] = _CAUSE_AGENT.sub("", agent) or "practicum"
    return {name: value for name, value in kept.items() if not LEASE_TOKEN.search(value.encode(errors="replace"))}


def cause_of(headers: CIMultiDictProxy[str]) -> str | None:
    """The event that led to the call: `X-Practicum-Cause`, or `practicum-cause/ID` in the user agent (git)."""
    named = headers.get(_CAUSE_HEADER, "")
    if _CAUSE.fullmatch(named):
        return named
    hit = _CAUSE_AGENT.search(headers.get("User-Agent", ""))
    return hit[1] if hit else None


def recorded_path(raw_path: str) -> str:
    """Path and query as sent, without credentials, lease tokens and tickets."""
    hidden = _HIDDEN.sub(r"\1[redacted]", raw_path)
    return LEASE_TOKEN.sub(b"[redacted]", hidden.encode(errors="replace")).decode(errors="replace")


def _basic(value: str) -> str:
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if password and password != "x-oauth-basic" else user  # noqa: S105 - GitHub's placeholder
