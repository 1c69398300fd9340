"""The HTTP client under both vendors' SDKs."""

from __future__ import annotations

import ssl

import httpx

TIMEOUT = httpx.Timeout(connect=10.0, read=180.0, write=60.0, pool=10.0)
"""Seconds. `read` is the longest silence inside a stream; Anthropic pings, OpenAI's reasoning models may think long."""

CAUSE_HEADER = "X-Practicum-Cause"
"""Tells the gateway which event a call answers."""


def http_client(base_url: str) -> httpx.AsyncClient:
    """A client that ignores proxy settings of the environment: a lease must reach the gateway and nobody else.

    Reading the machine's certificates takes 30 ms; the gateway on loopback has none, so for `http:` we trust none.
    """
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    verify = nobody if base_url.startswith("http:") else True
    return httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=verify)
