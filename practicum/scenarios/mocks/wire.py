"""Answers in the shape that a service's own clients expect over HTTP."""

from __future__ import annotations

import base64

from practicum.bus.events import Json
from practicum.scenarios.mocks.routes import Shape
from practicum.scenarios.schema import MockError

_STATUS = {
    "notfound": 404,
    "filenotfound": 404,
    "unauthorized": 401,
    "forbidden": 403,
    "conflict": 409,
    "validationfailed": 422,
    "ratelimited": 429,
    "ratelimitexceeded": 429,
    "timeout": 504,
    "serviceunavailable": 503,
}


def error_status(error: MockError) -> int:
    """The HTTP status of an error: its own, or what its code says, or 500."""
    for number in (error.status, error.code):
        if isinstance(number, int) and 400 <= number <= 599:
            return number
    plain = "".join(char for char in str(error.code).lower() if char.isalnum())
    return int(plain) if plain.isdecimal() and len(plain) == 3 and plain[0] in "45" else _STATUS.get(plain, 500)


def wire_error(service: str, error: MockError) -> tuple[int, Json]:
    """Status and body of an error at a service (its plain name).

    Slack answers 200 with `ok: false`, unless the file gives a status.
    """
    status, code, message = error_status(error), str(error.code), error.message
    if service == "slack":
        known = code.lower() if code != "ERROR" else message or "fatal_error"
        return status if error.status is not None else 200, {"ok": False, "error": known}
    if service == "github":
        return status, {"message": message or code, "documentation_url": "", "status": str(status), "code": code}
    if service == "discord":
        return status, {"message": message or code, "code": error.code if isinstance(error.code, int) else 0}
    return status, {"error": {"code": error.code, "message": message, "status": status}}


def wire_value(service: str, shape: Shape, value: Json, path: str) -> Json:
    """An answer that was written for a caller by name, as the service sends it."""
    if service == "slack":
        return value if isinstance(value, dict) and "ok" in value else {"ok": True, **_fields(value)}
    if shape == "list":
        return _rows(value)
    if shape == "search":
        if isinstance(value, dict) and "items" in value:
            return {"total_count": len(_rows(value["items"])), "incomplete_results": False, **value}
        rows = _rows(value)
        return {"total_count": len(rows), "incomplete_results": False, "items": rows}
    if shape == "file":
        return _file(value, path)
    return value


def _fields(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {} if value is None else {"result": value}


def _rows(value: Json) -> list[Json]:
    """The list in an answer: itself, or the only one that an object around it holds."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        return lists[0] if len(lists) == 1 else [value]
    return [] if value is None else [value]


def _file(value: Json, path: str) -> Json:
    """GitHub's contents: a text becomes a file with its content in base64."""
    if isinstance(value, list) or (isinstance(value, dict) and "encoding" in value):
        return value
    text = value.get("content", "") if isinstance(value, dict) else value
    if not isinstance(text, str):
        return value
    raw = text.encode("utf-8", "replace")
    name = path.rsplit("/contents/", 1)[-1]
    made: dict[str, Json] = {"type": "file", "name": name.rsplit("/", 1)[-1], "path": name, "size": len(raw)}
    made |= _fields(value) if isinstance(value, dict) else {}
    return made | {"encoding": "base64", "content": base64.b64encode(raw).decode()}
