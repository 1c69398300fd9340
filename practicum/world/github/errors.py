"""Refusals in GitHub's own shape (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from practicum.bus.events import Json
from practicum.errors import PracticumError

DOCS = "https://docs.github.com/rest"


class ApiError(PracticumError):
    """A call that GitHub answers with an error. `status` is HTTP's; `body` is what the caller reads."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Json] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Json] = {"message": message, "documentation_url": DOCS, "status": str(status)}
        if errors is not None:
            self.body["errors"] = list(errors)


def not_found() -> ApiError:
    """404, also for what the caller may not know of."""
    return ApiError(404, "Not Found")


def conflict(message: str) -> ApiError:
    """409."""
    return ApiError(409, message)


def unprocessable(message: str) -> ApiError:
    """422 with a message only."""
    return ApiError(422, message)


def invalid(resource: str, field: str, code: str = "invalid", message: str | None = None) -> ApiError:
    """422 "Validation Failed" naming the field.

    `code` is one of GitHub's: missing, missing_field, invalid, already_exists, unprocessable, custom.
    """
    error: dict[str, Json] = {"resource": resource, "field": field, "code": code}
    if message is not None:
        error["message"] = message
    return ApiError(422, "Validation Failed", errors=[error])
