"""Sends a call on and brings its answer back: filtered, with its links turned, streamed where it is large or slow."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic_core import from_json
from yarl import URL

from practicum.bus.events import Json
from practicum.proctor.gateway.call import Call
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.links import Links, is_json
from practicum.proctor.gateway.metering import Meter

SMALL = 64 * 1024
"""Answers that announce at most this many bytes are sent in one piece."""
MAXIMUM_REWRITTEN = 16 * 1024 * 1024
"""JSON answers above this stream without having their links turned; secrets are still filtered."""
MAXIMUM_KEPT = 4 * 1024 * 1024
"""Answers of models above this are not kept for replay: with its escapes one must fit a message of the bus."""

_DROPPED = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade", "content-length", "content-encoding", "content-md5", "set-cookie", "alt-svc",
    "strict-transport-security", "public-key-pins", "x-practicum-exchange", "x-practicum-rule",
})  # fmt: skip
"""Hop-by-hop headers (RFC 9110, section 7.6.1), those that filtering makes untrue, and those meant for a browser."""

_LAST_EVENTS = (
    b"event: message_stop",
    b"data: [DONE]",
    b"event: response.completed",
    b"event: response.failed",
    b"event: response.incomplete",
)
"""What ends a stream of a model: it is held until the call is recorded."""


@dataclass(slots=True)
class Plan:
    """What is sent on, and what is done with the answer."""

    method: str
    url: URL
    headers: dict[str, str]
    links: Links | None = None
    meter: Meter | None = None
    learn: Callable[[Json], None] | None = None
    adapt: Callable[[bytes], bytes] | None = None
    """Change of a JSON answer before its links are turned: tickets for secret addresses, lists cut to grants."""
    location: Callable[[str], str] | None = None
    headers_out: dict[str, str] = field(default_factory=dict)


class Forwarder:
    """One client session for all calls of a run."""

    def __init__(self, filter: SecretFilter) -> None:
        self._filter = filter
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The shared session; opened by `open`."""
        if self._session is None:
            raise RuntimeError("the forwarder is not open")
        return self._session

    async def open(self) -> None:
        """Open the session: 10 s to connect, 300 s without a byte, no limit for the whole."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_connect=10, sock_read=300),
            auto_decompress=True,
            raise_for_status=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def send(self, call: Call, plan: Plan, tell: Callable[[], Awaitable[None]]) -> web.StreamResponse:
        """Forward the call. `tell` publishes its event and is awaited before the answer's end goes out.

        Raises:
            aiohttp.ClientError: the service cannot be reached, or breaks off before its answer began.
            TimeoutError: it does not answer in time.
        """
        body = call.body
        await body.read_small()
        headers = dict(plan.headers)
        data: object = None
        if body.complete:
            data = body.head or None
            if data is None and plan.method in ("POST", "PUT", "PATCH"):
                headers["Content-Length"] = "0"
        else:
            length = call.request.headers.get("Content-Length")
            if length and call.request.headers.get("Content-Encoding", "identity").lower() == "identity":
                headers["Content-Length"] = length
            data = body.stream()
        call.reached = True
        async with self.session.request(
            plan.method, plan.url, headers=headers, data=data, allow_redirects=False, skip_auto_headers=_QUIET
        ) as answer:
            call.status = answer.status
            if _fits(call, plan, answer):
                return await self._whole(call, plan, answer, tell)
            return await self._stream(call, plan, answer, tell)

    async def ask(self, url: URL, headers: dict[str, str]) -> tuple[int, Json]:
        """The proctor's own small GET: status (502 where there was no answer) and what it says.

        None when the answer is no success or no JSON.
        """
        status = 502
        try:
            async with asyncio.timeout(15), self.session.get(url, headers=headers, allow_redirects=False) as answer:
                status = answer.status
                return status, cast(Json, from_json(await answer.read())) if status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return status, None

    async def _whole(
        self, call: Call, plan: Plan, answer: aiohttp.ClientResponse, tell: Callable[[], Awaitable[None]]
    ) -> web.StreamResponse:
        pieces: list[bytes] = []
        total = 0
        async for chunk in answer.content.iter_any():
            pieces.append(chunk)
            total += len(chunk)
            if total > MAXIMUM_REWRITTEN:
                return await self._stream(call, plan, answer, tell, b"".join(pieces))
        raw = b"".join(pieces)
        if plan.meter:
            plan.meter.whole(raw)
        text = is_json(answer.headers.get("Content-Type", ""))
        if text and plan.learn and answer.status < 300:
            try:
                plan.learn(from_json(raw))
            except ValueError:
                plan.learn = None  # an answer that is no JSON teaches nothing and goes on as it is
        if text and plan.adapt:
            raw = plan.adapt(raw)
        if text and plan.links:
            raw = plan.links.in_json(raw)
        cleaned = self._filter.clean(raw)
        headers = self._headers(plan, answer)
        if plan.method == "HEAD" and (length := answer.headers.get("Content-Length")):
            headers["Content-Length"] = length
        self._finish(call, plan, cleaned, hashlib.sha256(cleaned).hexdigest())
        await tell()
        return web.Response(status=answer.status, reason=self._reason(answer), headers=headers, body=cleaned or None)

    async def _stream(
        self,
        call: Call,
        plan: Plan,
        answer: aiohttp.ClientResponse,
        tell: Callable[[], Awaitable[None]],
        head: bytes = b"",
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            status=answer.status, reason=self._reason(answer), headers=self._headers(plan, answer)
        )
        await response.prepare(call.request)
        call.response = response
        window = self._filter.stream()
        digest = hashlib.sha256()
        kept: list[bytes] = []
        last = b""

        async def pass_on(piece: bytes) -> None:
            """Send all but what would tell the client that it has everything."""
            nonlocal last
            digest.update(piece)
            call.response_bytes += len(piece)
            if plan.meter and call.response_bytes <= MAXIMUM_KEPT:
                kept.append(piece)
            ready, last = _before_end(call, last + piece)
            if ready:
                await response.write(ready)

        if head:
            await pass_on(window.feed(head))
        try:
            async for chunk in answer.content.iter_any():
                if plan.meter:
                    plan.meter.feed(chunk)
                if piece := window.feed(chunk):
                    await pass_on(piece)
            await pass_on(window.end())
        except BaseException:
            if plan.meter:  # who leaves early has had his tokens all the same
                call.cost_usd = plan.meter.cost(call.status, cut=True)
                call.response_body = b"".join(kept).decode(errors="replace")  # without a digest: it has no end
            raise
        self._finish(call, plan, b"".join(kept), digest.hexdigest(), streamed=True)
        await tell()
        if last:
            await response.write(last)
        await response.write_eof()
        return response

    def _finish(self, call: Call, plan: Plan, body: bytes, digest: str, *, streamed: bool = False) -> None:
        call.response_digest = digest
        if not streamed:
            call.response_bytes = len(body)
        if plan.meter:
            call.cost_usd = plan.meter.cost(call.status)
            if call.response_bytes <= MAXIMUM_KEPT:
                call.response_body = body.decode(errors="replace")

    def _headers(self, plan: Plan, answer: aiohttp.ClientResponse) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in answer.headers.items():
            lowered = name.lower()
            if lowered in _DROPPED or lowered in _connection_names(answer.headers):
                continue
            if lowered == "location" and plan.location:
                value = plan.location(value)
            elif lowered in ("link", "location", "content-location") and plan.links:
                value = plan.links.in_header(value)
            headers.add(name, self._filter.clean(value.encode(errors="surrogateescape")).decode(errors="replace"))
        headers.update(plan.headers_out)
        return headers

    def _reason(self, answer: aiohttp.ClientResponse) -> str | None:
        return self._filter.clean_text(answer.reason) if answer.reason else None


_QUIET = ("User-Agent", "Content-Type", "Accept", "Accept-Encoding")


def _fits(call: Call, plan: Plan, answer: aiohttp.ClientResponse) -> bool:
    """Whether an answer is taken whole: JSON that is rewritten or metered, or something small."""
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/event-stream"):
        return False
    length = answer.content_length
    if plan.method == "HEAD" or (length is not None and length <= SMALL):
        return True
    if is_json(kind) and (plan.links or plan.meter or plan.adapt or plan.learn):
        return length is None or length <= MAXIMUM_REWRITTEN
    return False


def _before_end(call: Call, data: bytes) -> tuple[bytes, bytes]:
    """Cut off what ends the exchange for the client: git's flush packet, the last event of a model's stream."""
    if call.family == "git":
        return data[:-4], data[-4:]
    if call.family in ("anthropic", "openai"):
        places = [place for mark in _LAST_EVENTS if (place := data.find(mark)) >= 0]
        whole_lines = data.rfind(b"\n") + 1  # no client can use half a line
        cut = min([whole_lines, *places])
        return data[:cut], data[cut:]
    return data, b""


def _connection_names(headers: CIMultiDictProxy[str]) -> set[str]:
    named = headers.get("Connection")
    return {name.strip().lower() for name in named.split(",")} if named else set()
