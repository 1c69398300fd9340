"""A model upstream that answers from a record: the vendors' SDKs run unmodified against it in a replay."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from types import TracebackType

from aiohttp import web

from practicum.bus.event import Event
from practicum.bus.events import ExchangeCompleted

VENDORS = ("anthropic", "openai")

_BUSY = frozenset({429, 503, 529})
_NEVER = "86400"
"""Seconds; nobody waits a day."""


class RecordedModels:
    """Serves, for each agent, the recorded answers of its model calls in the order in which they were made.

    Errors, refusals of the proctor and streams that broke off come again too, so that an agent which tried again or
    gave up does the same; only nobody has to wait. The request's digest must be the recorded one; otherwise the answer
    is 409, which is not tried again.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._answers: dict[tuple[str, str], list[ExchangeCompleted]] = defaultdict(list)
        for event in events:
            body = event.body
            if isinstance(body, ExchangeCompleted) and body.service in VENDORS:
                self._answers[body.agent, body.service].append(body)
        self._taken: dict[tuple[str, str], int] = defaultdict(int)
        self._base = ""
        self._runner: web.AppRunner | None = None

    def url(self, agent: str, service: str) -> str:
        """The base address for one agent's SDK."""
        return f"{self._base}/{agent}/{service}" + ("/v1" if service == "openai" else "")

    async def __aenter__(self) -> RecordedModels:
        if self._answers:
            app = web.Application(client_max_size=256 * 1024 * 1024)
            app.router.add_route("*", "/{agent}/{service}/{path:.*}", self._answer)
            self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await self._runner.setup()
            site = web.TCPSite(self._runner, "127.0.0.1", 0)
            await site.start()
            host, port = self._runner.addresses[0][:2]
            self._base = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        key = (request.match_info["agent"], request.match_info["service"])
        index = self._taken[key]
        recorded = self._answers[key]
        digest = hashlib.sha256(await request.read()).hexdigest()
        if index >= len(recorded):
            return _refusal("the record holds no further answer")
        self._taken[key] += 1
        item = recorded[index]
        if item.request_digest and item.request_digest != digest:
            return _refusal(f"request {index + 1} is not the recorded one")
        if item.status < 400 and not item.response_digest:
            return await _cut(request, item)
        return web.Response(
            status=item.status,
            text=item.response_body,
            content_type=_content_type(item),
            headers=_headers(item, last=index + 1 == len(recorded)),
        )


async def _cut(request: web.Request, item: ExchangeCompleted) -> web.StreamResponse:
    """A stream that broke off breaks off again: the connection goes without a last chunk."""
    response = web.StreamResponse(status=item.status, headers={"Content-Type": _content_type(item)})
    await response.prepare(request)
    await response.write(item.response_body.encode())
    if request.transport is not None:
        request.transport.abort()
    return response


def _headers(item: ExchangeCompleted, *, last: bool) -> dict[str, str]:
    """What tells an SDK whether to come back, and when."""
    if item.status < 400:
        return {}
    kind, _, said = item.refused.partition(": ")
    if item.refused and kind != "rate":
        return {"x-practicum-rule": said.rpartition(" (")[2].removesuffix(")"), "x-should-retry": "false"}
    # Whoever gave up on a busy vendor was told to come back after his own deadline.
    return {"retry-after": _NEVER if last and item.status in _BUSY else "0"}


def _content_type(item: ExchangeCompleted) -> str:
    return "text/event-stream" if item.response_body.startswith(("event:", "data:")) else "application/json"


def _refusal(message: str) -> web.Response:
    body = {"type": "error", "error": {"type": "diverged", "message": message}}
    return web.json_response(body, status=409, headers={"x-should-retry": "false"})
