"""How Slack says no."""

from __future__ import annotations

from http import HTTPStatus

from practicum.bus.events import Json
from practicum.errors import PracticumError


class SlackError(PracticumError):
    """A call that Slack refuses: `{"ok": false, "error": code}`, HTTP 200 unless `status` says otherwise.

    `fields` are the further members of the body (`needed`, `provided`), `headers` those of the answer (`Retry-After`).
    """

    def __init__(
        self,
        code: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        fields: dict[str, Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.fields = fields or {}
        self.headers = headers or {}


class InvalidArgumentError(SlackError):
    """An argument is missing or of the wrong form: `invalid_arguments`, with Slack's explanation."""

    def __init__(self, explanation: str) -> None:
        super().__init__("invalid_arguments", fields={"response_metadata": {"messages": [f"[ERROR] {explanation}"]}})


def unauthorized(code: str) -> SlackError:
    """An unknown or missing token.

    Slack itself answers 200; the world answers 401, so that a call that went round the gateway cannot be mistaken for
    one that the service merely disliked. The body is Slack's, and slack-sdk raises the same error for both.
    """
    return SlackError(code, status=HTTPStatus.UNAUTHORIZED)


def rate_limited(retry_after: int) -> SlackError:
    """HTTP 429 with `Retry-After` in seconds (docs.slack.dev/apis/web-api/rate-limits)."""
    return SlackError("ratelimited", status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(retry_after)})
