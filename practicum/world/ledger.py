"""The request ledger: one line for every request that reached the world."""

from __future__ import annotations

import base64
import binascii
import json
import time
from pathlib import Path
from typing import TextIO

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.world.service import Credentials, cause_of

MAX_LISTED = 2000


class Ledger:
    """Writes `ledger.jsonl`: exchange, time, service, method, path, login, status, ms. Never a token or a body."""

    def __init__(self, path: Path, clock: Clock, credentials: Credentials) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._clock, self._credentials = clock, credentials
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)

    def close(self) -> None:
        self._file.close()

    def entries(self, last: int = MAX_LISTED) -> list[dict[str, Json]]:
        """The last entries, oldest first."""
        with self.path.open(encoding="utf-8") as file:
            lines = file.readlines()[-last:]
        return [json.loads(line) for line in lines]

    def middleware(self) -> Middleware:
        """For `web.Application(middlewares=[...])`; a websocket is entered when it closes."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            start = time.perf_counter()
            status = 500
            try:
                response = await handler(request)
                status = response.status
                return response
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self._enter(request, status, (time.perf_counter() - start) * 1000)

        return record

    def _enter(self, request: web.Request, status: int, ms: float) -> None:
        if self._file.closed:
            return
        service = service_of(request.path)
        entry: dict[str, Json] = {
            "exchange": cause_of(request),
            "time": self._clock.now().isoformat(timespec="milliseconds"),
            "service": service,
            "method": request.method,
            "path": request.path,
            "login": self._login(request, service),
            "status": status,
            "ms": round(ms, 2),
        }
        self._file.write(json.dumps(entry) + "\n")

    def _login(self, request: web.Request, service: str) -> str | None:
        """Who called, by the `Authorization` header; None for a token elsewhere, such as in Slack's form."""
        token = header_token(request.headers.get("Authorization", ""))
        account = self._credentials.authenticate("world" if service == "inspect" else service, token)
        return account.login if account else None


def service_of(path: str) -> str:
    """The service that a path belongs to: its first part; `/git` is GitHub's."""
    first = path.lstrip("/").partition("/")[0]
    return "github" if first == "git" else first


def header_token(authorization: str) -> str:
    """The token of an `Authorization` header: Bearer, token, Bot, or the password of Basic; else empty."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in ("bearer", "token", "bot"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return password or user
    return ""
