"""Refusals in the shape that the service itself would give, so that SDKs and models understand them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from practicum.bus.events import Json
from practicum.errors import PracticumError
from practicum.proctor.access import Refusal

RULE_HEADER = "X-Practicum-Rule"


class CallRefusedError(PracticumError):
    """The proctor does not let a call through. `retry_after` is in seconds, for a rate."""

    def __init__(self, refusal: Refusal, *, retry_after: float = 0.0) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """A small answer made here."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer_to(family: str, refusal: Refusal, *, retry_after: float = 0.0) -> Answer:
    """The answer of `family` (github, git, slack, discord, deploy, anthropic, openai...) to a refused call."""
    answer = _SHAPES.get(family, _plain)(refusal)
    headers = {RULE_HEADER: _header(refusal.rule), **answer.headers}
    if refusal.kind == "rate":
        headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
    elif refusal.kind in ("budget", "limit") and family in ("anthropic", "openai"):
        headers["x-should-retry"] = "false"  # both vendors' SDKs read it before they look at the status
    return Answer(answer.status, answer.body, headers)


def unreachable(family: str, problem: str) -> Answer:
    """The answer when the service behind the gateway does not answer: 502 in its shape."""
    message = f"the service could not be reached: {problem}"
    match family:
        case "slack":
            return _json(502, {"ok": False, "error": "service_unavailable", "detail": message})
        case "discord":
            return _json(502, {"message": message, "code": 0})
        case "anthropic":
            return _json(502, {"type": "error", "error": {"type": "api_error", "message": message}})
        case "openai":
            return _json(502, {"error": {"message": message, "type": "server_error", "param": None, "code": None}})
        case "git":
            return Answer(502, (message + "\n").encode(), {"Content-Type": "text/plain; charset=utf-8"})
        case _:
            return _json(502, {"message": message})


def _json(status: int, body: Json, **headers: str) -> Answer:
    # discord.py compares the type to exactly this, without charset
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def _header(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")


_DOCS = "https://docs.github.com/rest"


def _github(refusal: Refusal) -> Answer:
    match refusal.kind:
        case "lease":
            return _json(401, {"message": "Bad credentials", "documentation_url": _DOCS, "status": "401"})
        case "resource" | "unknown_route":
            return _json(404, {"message": "Not Found", "documentation_url": _DOCS, "status": "404"})
        case "malformed":
            return _json(400, {"message": f"Problems parsing: {refusal.message}", "documentation_url": _DOCS})
        case "rate":
            text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            return _json(429, {"message": text, "documentation_url": _DOCS})
        case _:
            text = "Resource not accessible by personal access token"
            if refusal.kind != "permission":
                text += f": {refusal.message}"
            return _json(403, {"message": text, "documentation_url": _DOCS, "status": "403"})


def _git(refusal: Refusal) -> Answer:
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    match refusal.kind:
        case "lease":
            text = "Invalid username or token."
            return Answer(401, text.encode(), {**plain, "WWW-Authenticate": 'Basic realm="GitHub"'})
        case "resource" | "unknown_route":
            return Answer(404, b"Repository not found.", plain)
        case "rate":
            return Answer(429, b"Too many requests.", plain)
        case _:
            text = f"Write access to repository not granted: {refusal.message} ({refusal.rule})"
            return Answer(400 if refusal.kind == "malformed" else 403, text.encode(), plain)


def _slack(refusal: Refusal) -> Answer:
    error = {
        "lease": "invalid_auth",
        "resource": "channel_not_found",
        "permission": "missing_scope",
        "unknown_route": "unknown_method",
        "malformed": "invalid_arguments",
        "rate": "ratelimited",
    }.get(refusal.kind, "access_denied")
    body: dict[str, Json] = {"ok": False, "error": error}
    if refusal.kind == "permission":
        body["needed"] = refusal.rule.rpartition("lacks ")[2]
        body["provided"] = ""
    if error in ("access_denied", "invalid_arguments"):
        body["detail"] = refusal.message
    return _json(429 if refusal.kind == "rate" else 200, body)


def _discord(refusal: Refusal) -> Answer:
    match refusal.kind:
        case "lease":
            return _json(401, {"message": "401: Unauthorized", "code": 0})
        case "resource":
            return _json(403, {"message": "Missing Access", "code": 50001})
        case "permission":
            return _json(403, {"message": "Missing Permissions", "code": 50013})
        case "unknown_route":
            return _json(404, {"message": "404: Not Found", "code": 0})
        case "malformed":
            return _json(400, {"message": refusal.message, "code": 50109})
        case "rate":
            # discord.py takes a 429 without Via for a ban by the network in front of the API
            body: Json = {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
            return _json(429, body, Via="1.1 practicum")
        case _:
            return _json(403, {"message": f"Missing Permissions: {refusal.message}", "code": 50013})


def _deploy(refusal: Refusal) -> Answer:
    status = {"lease": 401, "resource": 404, "unknown_route": 404, "malformed": 400, "rate": 429}
    return _json(status.get(refusal.kind, 403), {"error": refusal.kind, "message": refusal.message})


def _anthropic(refusal: Refusal) -> Answer:
    status, kind = {
        "lease": (401, "authentication_error"),
        "unknown_route": (404, "not_found_error"),
        "malformed": (400, "invalid_request_error"),
        "rate": (429, "rate_limit_error"),
    }.get(refusal.kind, (403, "permission_error"))
    message = "invalid x-api-key" if refusal.kind == "lease" else refusal.message
    return _json(status, {"type": "error", "error": {"type": kind, "message": message}})


def _openai(refusal: Refusal) -> Answer:
    status, kind, code = {
        "lease": (401, "invalid_request_error", "invalid_api_key"),
        "unknown_route": (404, "invalid_request_error", "unknown_url"),
        "malformed": (400, "invalid_request_error", "invalid_body"),
        "rate": (429, "requests", "rate_limit_exceeded"),
        "budget": (403, "insufficient_quota", "insufficient_quota"),
    }.get(refusal.kind, (403, "invalid_request_error", "permission_denied"))
    message = "Incorrect API key provided." if refusal.kind == "lease" else refusal.message
    return _json(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


def _plain(refusal: Refusal) -> Answer:
    status = {"lease": 401, "rate": 429, "malformed": 400, "unknown_route": 404, "resource": 404}
    return _json(status.get(refusal.kind, 403), {"message": refusal.message})


_SHAPES: dict[str, Callable[[Refusal], Answer]] = {
    "github": _github,
    "git": _git,
    "slack": _slack,
    "slack_files": _plain,
    "discord": _discord,
    "discord_socket": _discord,
    "deploy": _deploy,
    "anthropic": _anthropic,
    "openai": _openai,
}
