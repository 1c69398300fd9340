"""A request that the vendor would refuse."""

from __future__ import annotations

from dataclasses import dataclass

_ANTHROPIC = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""https://docs.anthropic.com/en/api/errors"""

_OPENAI = {429: "requests", 500: "server_error", 503: "server_error"}
"""Everything else is an `invalid_request_error`. https://platform.openai.com/docs/guides/error-codes"""


@dataclass(eq=False)
class RefusedError(Exception):
    """Why, in the vendor's words as far as they are known."""

    message: str
    status: int = 400
    param: str | None = None
    code: str | None = None
    kind: str = ""

    def anthropic(self, request_id: str) -> dict[str, object]:
        """The body that Anthropic would send."""
        kind = self.kind or _ANTHROPIC.get(self.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": self.message}, "request_id": request_id}

    def openai(self) -> dict[str, object]:
        """The body that OpenAI would send."""
        kind = self.kind or _OPENAI.get(self.status, "invalid_request_error")
        code = self.code or ("rate_limit_exceeded" if self.status == 429 else None)
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": code}}
