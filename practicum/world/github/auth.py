"""Who is calling."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from practicum.world.github.errors import ApiError
from practicum.world.service import Credential, Credentials

SERVICE = "github"


def token_of(request: web.Request) -> str | None:
    """The token of `Authorization: token|Bearer TOKEN` or of HTTP Basic, where it is the password (git sends it so)."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    match scheme.lower():
        case "token" | "bearer":
            return rest.strip() or None
        case "basic":
            try:
                user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
            # `https://TOKEN@host` and `https://TOKEN:x-oauth-basic@host` put it where the user's name stands.
            return user if password in ("", "x-oauth-basic") else password
        case _:
            return None


def authenticate(credentials: Credentials, request: web.Request) -> Credential:
    """The credential behind a call.

    Raises:
        ApiError: 401 without a token, or with one that nobody gave out.
    """
    token = token_of(request)
    if token is None:
        raise ApiError(401, "Requires authentication")
    found = credentials.authenticate(SERVICE, token)
    if found is None:
        raise ApiError(401, "Bad credentials")
    return found
