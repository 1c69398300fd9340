"""The server: keys, models, faults, and the policy behind both protocols."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from aiohttp import web

from practicum.errors import PracticumError
from practicum.models.testing import anthropic_request, anthropic_response, openai_request, openai_response
from practicum.models.testing.checks import broken_rule
from practicum.models.testing.conversation import Conversation, Fault, Policy, Reply
from practicum.models.testing.refusal import RefusedError
from practicum.models.testing.sending import Sending, prepare
from practicum.models.testing.tokens import PrefixCache

MODELS = ("claude-sonnet-4-5", "gpt-4o", "o3")
"""What the server serves when not told otherwise."""

_LARGEST = 32 * 1024 * 1024
"""Bytes of a request; Anthropic's own limit."""


class PolicyError(PracticumError):
    """The policy did what no model would: it raised, named an unknown tool, or broke a tool's schema."""


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    at: float
    """`time.monotonic()` of its arrival."""
    path: str
    status: int
    """What was answered; 200 also when the stream broke off later."""
    body: Any
    """The request, parsed; None when it was not JSON."""
    cause: str
    """Its `X-Practicum-Cause`."""
    error: str = ""
    """Why it was refused."""
    conversation: Conversation | None = None


class ModelServer:
    """Serves on 127.0.0.1 while the `async with` lasts. Leaving it raises the first `PolicyError` that came up."""

    def __init__(self, policy: Policy, *, models: tuple[str, ...] = MODELS, api_key: str = "") -> None:
        """`api_key` is the one key that is accepted; empty for one made up at random."""
        self.api_key = api_key or secrets.token_urlsafe(24)
        self.url = ""
        self.seen: list[Seen] = []
        self.policy_errors: list[PolicyError] = []
        self._policy = policy
        self._models = models
        self._faults: deque[Fault] = deque()
        self._cache = PrefixCache()
        self._signing_key = secrets.token_bytes(32)
        self._runner: web.AppRunner | None = None

    @property
    def anthropic_url(self) -> str:
        """What the anthropic SDK takes as `base_url`, and `ANTHROPIC_BASE_URL`."""
        return self.url

    @property
    def openai_url(self) -> str:
        """What the openai SDK takes as `base_url`, and `OPENAI_BASE_URL`."""
        return f"{self.url}/v1"

    def inject(self, *faults: Fault) -> None:
        """Let the next requests go wrong, one fault each, in this order."""
        self._faults.extend(faults)

    async def __aenter__(self) -> ModelServer:
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/messages/count_tokens", self._count_tokens)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_get("/v1/models", self._list_models)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self.policy_errors and error is None:
            raise self.policy_errors[0]

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "anthropic")

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "openai")

    async def _serve(self, request: web.Request, vendor: Literal["anthropic", "openai"]) -> web.StreamResponse:
        arrived = time.monotonic()
        cause = request.headers.get("X-Practicum-Cause", "")
        body: Any = None
        conversation: Conversation | None = None
        fault = self._faults.popleft() if self._faults else Fault()
        try:
            self._authenticate(request, vendor)
            body = await _json(request)
            await asyncio.sleep(fault.delay_s)
            _refuse_for(fault, vendor)
            conversation = self._read(body, vendor)
            self._known(conversation.model, vendor)
            answer = await self._ask(conversation)
            if isinstance(answer, Fault):
                fault = answer
                _refuse_for(fault, vendor)
                raise self._policy_error(PolicyError("a policy that answers with a fault must give it a status"))
            fault = answer.fault or fault
            if answer.fault is not None:
                await asyncio.sleep(fault.delay_s)
                _refuse_for(fault, vendor)
            sending = prepare(answer, conversation, self._count(body, vendor))
        except RefusedError as refused:
            self.seen.append(Seen(arrived, request.path, refused.status, body, cause, refused.message, conversation))
            return _refusal(refused, vendor, fault)
        self.seen.append(Seen(arrived, request.path, 200, body, cause, "", conversation))
        if body.get("stream"):
            return await self._stream(request, sending, body, fault, vendor)
        if vendor == "anthropic":
            return web.json_response(anthropic_response.whole(sending, self._sign))
        return web.json_response(openai_response.whole(sending))

    def _authenticate(self, request: web.Request, vendor: str) -> None:
        given = request.headers.get("x-api-key", "") if vendor == "anthropic" else ""
        given = given or request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.api_key.encode()):
            if vendor == "anthropic":
                raise RefusedError("invalid x-api-key", 401)
            raise RefusedError("Incorrect API key provided.", 401, code="invalid_api_key")
        if vendor == "anthropic" and "anthropic-version" not in request.headers:
            raise RefusedError("anthropic-version: header is required")

    def _read(self, body: Any, vendor: Literal["anthropic", "openai"]) -> Conversation:
        if vendor == "anthropic":
            return anthropic_request.read_request(body, self._sign)
        return openai_request.read_request(body)

    def _known(self, model: str, vendor: str) -> None:
        if model not in self._models:
            if vendor == "anthropic":
                raise RefusedError(f"model: {model}", 404)
            raise RefusedError(f"The model `{model}` does not exist.", 404, code="model_not_found")

    async def _ask(self, conversation: Conversation) -> Reply | Fault:
        try:
            answer = await self._policy(conversation)
        except PolicyError as error:
            raise self._policy_error(error) from error
        except Exception as error:  # the edge of this task: recorded, and raised when the server is left
            raise self._policy_error(PolicyError(f"the policy raised {type(error).__name__}: {error}")) from error
        if isinstance(answer, Reply):
            tools = {tool.name: tool for tool in conversation.tools}
            for call in answer.calls:
                if call.raw is not None:
                    continue
                if call.tool not in tools:
                    raise self._policy_error(PolicyError(f"the policy calls {call.tool!r}, which was not offered"))
                broken = broken_rule(tools[call.tool], call.args)
                if broken:
                    raise self._policy_error(PolicyError(f"the policy breaks the schema of {call.tool!r}: {broken}"))
            if not answer.text and not answer.calls:
                raise self._policy_error(PolicyError("the policy answers nothing at all"))
        return answer

    def _policy_error(self, error: PolicyError) -> RefusedError:
        """Record it, and make the client fail at once: a 400 is not tried again."""
        self.policy_errors.append(error)
        return RefusedError(f"the test's policy failed: {error.message}")

    def _count(self, body: Any, vendor: str) -> Any:
        if vendor == "anthropic":
            return self._cache.anthropic(anthropic_request.pieces(body))
        return self._cache.openai(openai_request.pieces(body))

    def _sign(self, thinking: str) -> str:
        return hmac.new(self._signing_key, thinking.encode(), hashlib.sha256).hexdigest()

    async def _stream(
        self, request: web.Request, sending: Sending, body: Any, fault: Fault, vendor: str
    ) -> web.StreamResponse:
        events: Iterator[bytes]
        if vendor == "anthropic":
            events = anthropic_response.stream(sending, self._sign)
        else:
            events = openai_response.stream(
                sending, with_usage=bool((body.get("stream_options") or {}).get("include_usage"))
            )
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        with contextlib.suppress(ConnectionError):  # the client left, and does not hear the rest
            await self._send(request, response, events, fault, vendor)
        return response

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        events: Iterator[bytes],
        fault: Fault,
        vendor: str,
    ) -> None:
        await response.prepare(request)
        for at, event in enumerate(events):
            if at == fault.cut_after:
                # The connection goes without the last chunk, as when a machine in between dies.
                if request.transport is not None:
                    request.transport.abort()
                return
            if at == fault.error_after:
                await response.write(_error_event(vendor))
                break
            await response.write(event)
        await response.write_eof()

    async def _count_tokens(self, request: web.Request) -> web.Response:
        try:
            self._authenticate(request, "anthropic")
            body = await _json(request)
            anthropic_request.read_request({**body, "max_tokens": 1_000_000}, self._sign)
            counted = PrefixCache().anthropic(anthropic_request.pieces(body))
        except RefusedError as refused:
            return _refusal(refused, "anthropic", Fault())
        return web.json_response({"input_tokens": counted.fresh + counted.written})

    async def _list_models(self, request: web.Request) -> web.Response:
        vendor = "anthropic" if "anthropic-version" in request.headers else "openai"
        try:
            self._authenticate(request, vendor)
        except RefusedError as refused:
            return _refusal(refused, vendor, Fault())
        if vendor == "openai":
            listed = [{"id": name, "object": "model", "created": 0, "owned_by": "test"} for name in self._models]
            return web.json_response({"object": "list", "data": listed})
        entries = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2025-01-01T00:00:00Z"}
            for name in self._models
        ]
        ends = {"has_more": False, "first_id": self._models[0], "last_id": self._models[-1]}
        return web.json_response({"data": entries, **ends})


async def _json(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise RefusedError("The request body is not valid JSON.") from error


def _refuse_for(fault: Fault, vendor: str) -> None:
    if fault.status:
        status = 503 if fault.status == 529 and vendor == "openai" else fault.status
        raise RefusedError(fault.message or "refused", status, kind=fault.kind)


def _refusal(refused: RefusedError, vendor: str, fault: Fault) -> web.Response:
    headers = {}
    if fault.status and fault.retry_after_s is not None:
        headers["Retry-After"] = f"{fault.retry_after_s:g}"
    if vendor == "openai":
        return web.json_response(refused.openai(), status=refused.status, headers=headers)
    request_id = f"req_{secrets.token_hex(12)}"
    headers["request-id"] = request_id
    return web.json_response(refused.anthropic(request_id), status=refused.status, headers=headers)


def _error_event(vendor: str) -> bytes:
    refused = RefusedError("Overloaded", 529 if vendor == "anthropic" else 503)
    if vendor == "anthropic":
        return anthropic_response.event("error", refused.anthropic(f"req_{secrets.token_hex(12)}"))
    return openai_response.data(refused.openai())
