"""How Discord says no (discord.com/developers/docs/topics/opcodes-and-status-codes#json)."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.errors import PracticumError


class DiscordError(PracticumError):
    """A refused call: HTTP `status` with `{"message", "code"}` and, for a form, the tree `errors`."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: dict[str, Json] | None = None,
        headers: dict[str, str] | None = None,
        fields: dict[str, Json] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors
        self.headers = headers or {}
        self.fields = fields or {}

    def body(self) -> dict[str, Json]:
        """The answer's body."""
        body: dict[str, Json] = {"message": self.message, "code": self.code, **self.fields}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def unauthorized() -> DiscordError:
    """No token, or an unknown one."""
    return DiscordError(401, 0, "401: Unauthorized")


def not_found() -> DiscordError:
    """An address that does not exist."""
    return DiscordError(404, 0, "404: Not Found")


def unknown(what: str) -> DiscordError:
    """`Unknown Channel`, `Unknown Message`...: 404 with the code of the kind."""
    return DiscordError(404, _UNKNOWN[what], f"Unknown {what}")


_UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Role": 10011,
    "User": 10013,
    "Emoji": 10014,
    "Webhook": 10015,
    "Application Command": 10063,
}


def missing_access() -> DiscordError:
    """The channel or guild is not for this account."""
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    """The account may look, but not do this."""
    return DiscordError(403, 50013, "Missing Permissions")


def invalid_form(path: str, code: str, message: str) -> DiscordError:
    """50035: one field of the body is wrong; `path` is dotted, such as `embeds.0.title`."""
    tree: Json = {"_errors": [{"code": code, "message": message}]}
    for key in reversed(path.split(".")):
        tree = {key: tree}
    errors = tree if isinstance(tree, dict) else {}
    return DiscordError(400, 50035, "Invalid Form Body", errors=errors)


def too_long(path: str, limit: int) -> DiscordError:
    """50035 for a text that is longer than `limit` characters."""
    return invalid_form(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def required(path: str) -> DiscordError:
    """50035 for a field that is not there."""
    return invalid_form(path, "BASE_TYPE_REQUIRED", "This field is required")


def rate_limited(retry_after: float, headers: dict[str, str]) -> DiscordError:
    """429; `retry_after` in seconds is in the body and in the headers.

    `Via` is there because discord.py takes a 429 without it for a ban by the network in front of the API.
    """
    return DiscordError(
        429,
        0,
        "You are being rate limited.",
        fields={"retry_after": retry_after, "global": False},
        headers={**headers, "Retry-After": str(max(1, round(retry_after))), "Via": "1.1 world"},
    )
