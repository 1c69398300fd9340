"""Live GitHub wakes agents too: a webhook is registered on the repository, and its deliveries become events."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import structlog
from aiohttp import web
from pydantic_core import from_json

from practicum.bus.event import Provenance
from practicum.bus.events import Data
from practicum.errors import InfrastructureError, PracticumError, UsageError
from practicum.proctor.gateway.credentials import authorization
from practicum.proctor.gateway.destinations import Destinations
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.forward import Forwarder
from practicum.proctor.gateway.hooks import SUBSCRIBED, translate
from practicum.proctor.secret import Secret

HOOKS_PREFIX = "/hooks/"
WEBHOOK_VARIABLE = "PRACTICUM_WEBHOOK_URL"
"""An address outside that leads to the gateway (a tunnel), for services that cannot reach the loopback interface."""

MAXIMUM_DELIVERY = 25 * 1024 * 1024
"""GitHub's own limit for a payload."""
_MAXIMUM_REMEMBERED = 2000
_log = structlog.get_logger(__name__)


class Publish(Protocol):
    """Publishes an event as the proctor, for everybody, and returns when it is stored."""

    async def __call__(
        self, data: Data, cause: str | None = None, id: str | None = None, provenance: Provenance = "simulated"
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class _Hook:
    repository: str
    credential: str
    address: str
    """Of the hook at GitHub, below the API's own."""
    key: bytes


class Webhooks:
    """The webhooks of a run: registered with a secret path and a secret key each, removed at close."""

    def __init__(
        self,
        destinations: Destinations,
        forwarder: Forwarder,
        filter: SecretFilter,
        publish: Publish,
        credentials: Callable[[str], Secret],
    ) -> None:
        self._destinations = destinations
        self._forwarder = forwarder
        self._filter = filter
        self._publish = publish
        self._credentials = credentials
        self._hooks: dict[str, _Hook] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def register(self, repository: str, credential: str) -> None:
        """Create the webhook (docs.github.com/rest/repos/webhooks#create-a-repository-webhook).

        Raises:
            UsageError: the service is out in the world and no public address is set.
            InfrastructureError: GitHub did not take it.
        """
        path, key = secrets.token_urlsafe(24), secrets.token_urlsafe(32)
        for secret in (path, key):
            self._filter.add(secret)
        self._hooks[path] = _Hook(repository, credential, "", key.encode())  # GitHub pings before it answers
        wanted = {
            "name": "web",
            "active": True,
            "events": list(SUBSCRIBED),
            "config": {"url": self._public() + f"{HOOKS_PREFIX}github/{path}", "content_type": "json", "secret": key},
        }
        try:
            answer = await self._call("POST", f"/repos/{repository}/hooks", credential, wanted)
        except PracticumError:
            del self._hooks[path]
            raise
        identity = from_json(answer).get("id")
        self._hooks[path] = _Hook(repository, credential, f"/repos/{repository}/hooks/{identity}", key.encode())

    async def receive(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take one delivery: 401 without the right signature, 204 when it is published."""
        hook = self._hooks.get(request.raw_path.removeprefix(HOOKS_PREFIX + "github/"))
        if hook is None or request.method != "POST":
            return web.Response(status=404)
        body = await request.content.read(MAXIMUM_DELIVERY + 1)
        while len(body) <= MAXIMUM_DELIVERY and (more := await request.content.read(MAXIMUM_DELIVERY)):
            body += more
        if len(body) > MAXIMUM_DELIVERY:
            return web.Response(status=413)
        if not signed(body, hook.key, request.headers.get("X-Hub-Signature-256", "")):
            return web.Response(status=401, text="the signature does not fit")
        delivery = request.headers.get("X-GitHub-Delivery", "")
        if delivery in self._seen:  # GitHub delivers again what it did not see answered
            return web.Response(status=204)
        try:
            payload = from_json(self._filter.clean(body))
        except ValueError:
            return web.Response(status=400, text="not JSON")
        if not isinstance(payload, dict) or payload.get("repository", {}).get("full_name") != hook.repository:
            return web.Response(status=204)  # a ping of an organisation, or a repository that was renamed
        changed = translate(request.headers.get("X-GitHub-Event", ""), payload)
        if changed is not None:
            await self._publish(changed, provenance="live")
        self._seen[delivery] = None
        if len(self._seen) > _MAXIMUM_REMEMBERED:
            self._seen.popitem(last=False)
        return web.Response(status=204)

    async def close(self) -> None:
        """Remove every webhook. One that cannot be removed is named in the log; the run's end does not fail by it."""
        hooks, self._hooks = self._hooks, {}
        for hook in hooks.values():
            if hook.address:
                try:
                    await self._call("DELETE", hook.address, hook.credential, None)
                except PracticumError as error:
                    _log.warning("webhook.left", repository=hook.repository, hook=hook.address, error=str(error))

    async def _call(self, method: str, path: str, credential: str, body: object) -> bytes:
        secret = self._credentials(credential)
        self._filter.add(secret)
        url = self._destinations.upstream("github").url + path
        headers = {
            **authorization("github", secret),
            "Accept": "application/vnd.github+json",
            "User-Agent": "practicum",
            "Accept-Encoding": "identity",
        }
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._forwarder.session.request(
                method, url, headers=headers, data=data, timeout=aiohttp.ClientTimeout(total=20)
            ) as answer:
                text = self._filter.clean(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = self._filter.clean_text(str(error) or type(error).__name__)
            raise InfrastructureError(f"{method} {path}: {problem}") from None
        if answer.status >= 300:
            raise InfrastructureError(
                f"{method} {path} was answered with {answer.status}: {text[:200].decode(errors='replace')}",
                hint="the key needs the permission 'Webhooks: write' on the repository",
            )
        return text

    def _public(self) -> str:
        if public := os.environ.get(WEBHOOK_VARIABLE, ""):
            return public.rstrip("/")
        host = self._destinations.upstream("github").url.partition("://")[2].partition("/")[0].partition(":")[0]
        if host in ("127.0.0.1", "localhost"):
            return self._destinations.base
        raise UsageError(
            f"{host} cannot reach this machine, so changes there would wake nobody",
            hint=f"set {WEBHOOK_VARIABLE} to an address that leads to the gateway",
        )


def signed(body: bytes, key: bytes, signature: str) -> bool:
    """Whether `X-Hub-Signature-256` fits (docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries)."""
    expected = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
