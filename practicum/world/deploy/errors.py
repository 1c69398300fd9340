"""Answers of the deploy target that say no, in its own shape: `{"error": CODE, "message": TEXT}`."""

from __future__ import annotations

import json

from aiohttp import web

from practicum.errors import PracticumError


class DeployRefusal(PracticumError):
    """A request that is answered with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        """The answer; 401 names the scheme (RFC 9110, section 11.6.1)."""
        headers = {"WWW-Authenticate": 'Bearer realm="deploy"'} if self.status == 401 else None
        body = json.dumps({"error": self.code, "message": self.message})
        return web.Response(status=self.status, text=body, content_type="application/json", headers=headers)


def unauthorized() -> DeployRefusal:
    """No token, or one that is not known."""
    return DeployRefusal(401, "unauthorized", "a Bearer token of this deploy target is needed")


def forbidden(action: str) -> DeployRefusal:
    """The account may not do this."""
    return DeployRefusal(403, "forbidden", f"the token does not allow {action}")


def not_found(what: str) -> DeployRefusal:
    """There is no such thing, or not for this account."""
    return DeployRefusal(404, "not_found", f"{what} does not exist")


def invalid(message: str) -> DeployRefusal:
    """The request cannot be understood or used."""
    return DeployRefusal(422, "invalid", message)
