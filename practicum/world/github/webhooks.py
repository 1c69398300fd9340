"""Webhook deliveries, signed as GitHub signs them.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import aiohttp

from practicum.bus.events import JobFinished, JobStarted
from practicum.world.github.core import SERVICE, Cause, Core
from practicum.world.github.render.basics import Object, simple_user
from practicum.world.github.render.repositories import repository
from practicum.world.github.state import Delivery, Hook, Repository

TIMEOUT = aiohttp.ClientTimeout(total=10)
"""GitHub ends a delivery after ten seconds."""
_KEPT = 100
"""Deliveries remembered for each hook."""
_SHOWN = 64 * 1024
"""Bytes kept of a receiver's answer."""


async def fire(
    core: Core, repo: Repository, event: str, action: str | None, by: Cause, details: Callable[[], Object]
) -> None:
    """Hand an event to every hook that listens to it. Returns when the jobs are announced, not when they are done."""
    hooks = [hook for hook in repo.hooks.values() if hook.active and ({event, "*"} & set(hook.events))]
    if hooks:
        payload = envelope(core, repo, action, by, details())
        for hook in hooks:
            await send(core, repo, hook, event, action, payload, by)


def envelope(core: Core, repo: Repository, action: str | None, by: Cause, details: Object) -> Object:
    """The fields that every payload has, around its own."""
    payload: Object = {"action": action} if action else {}
    payload |= details
    payload["repository"] = repository(core, repo)
    owner, sender = core.person(repo.owner), core.store.account(by.actor)
    if owner.kind == "Organization":
        payload["organization"] = simple_user(core, owner)
    if sender is not None:
        payload["sender"] = simple_user(core, sender)
    return payload


async def send(
    core: Core,
    repo: Repository,
    hook: Hook,
    event: str,
    action: str | None,
    payload: Object,
    by: Cause,
    *,
    again: Delivery | None = None,
) -> Delivery:
    """Start one delivery in the background; `again` is the one that it repeats."""
    delivery = Delivery(
        id=core.next_id(),
        guid=again.guid if again else str(uuid.uuid4()),
        event=event,
        action=action,
        delivered_at=core.now(),
        headers={},
        payload=payload,
        redelivery=again is not None,
    )
    hook.deliveries.insert(0, delivery)
    del hook.deliveries[_KEPT:]
    job = f"webhook-{delivery.id}"
    name = f"{event} to {urlsplit(hook.url).netloc}"
    await core.context.emit(
        SERVICE,
        JobStarted(job=job, kind="webhook", name=name, facts={"repo": repo.full_name, "hook": hook.id, "event": event}),
        cause=by.event,
    )
    core.context.spawn(_deliver(core, repo, hook, delivery, job, name, by))
    return delivery


def _encode(hook: Hook, delivery: Delivery) -> bytes:
    text = json.dumps(delivery.payload, separators=(",", ":"))
    return text.encode() if hook.content_type == "json" else urlencode({"payload": text}).encode()


def _headers(repo: Repository, hook: Hook, delivery: Delivery, raw: bytes) -> dict[str, str]:
    headers = {
        "User-Agent": "GitHub-Hookshot/practicum",
        "Accept": "*/*",
        "Content-Type": "application/json" if hook.content_type == "json" else "application/x-www-form-urlencoded",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-GitHub-Hook-Installation-Target-ID": str(repo.id),
    }
    if hook.secret:
        key = hook.secret.encode()
        headers["X-Hub-Signature"] = "sha1=" + hmac.new(key, raw, hashlib.sha1).hexdigest()
        headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(key, raw, hashlib.sha256).hexdigest()
    return headers


async def _deliver(
    core: Core, repo: Repository, hook: Hook, delivery: Delivery, job: str, name: str, by: Cause
) -> None:
    started = time.monotonic()
    raw = _encode(hook, delivery)
    delivery.headers = _headers(repo, hook, delivery, raw)
    problem = ""
    async with core.deliveries:
        core.session = core.session or aiohttp.ClientSession()
        try:
            async with core.session.post(
                hook.url, data=raw, headers=delivery.headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                delivery.status_code = answer.status
                delivery.response_headers = dict(answer.headers)
                delivery.response_body = (await answer.content.read(_SHOWN)).decode(errors="replace")
                delivery.status = "OK" if answer.ok else f"Invalid HTTP Response: {answer.status}"
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
            timed_out = isinstance(error, TimeoutError)
            delivery.status = "timed out" if timed_out else "failed to connect to host"
    delivery.seconds = time.monotonic() - started
    await core.context.emit(
        SERVICE,
        JobFinished(
            job=job,
            kind="webhook",
            name=name,
            ok=200 <= delivery.status_code < 300,
            seconds=delivery.seconds,
            facts={"repo": repo.full_name, "hook": hook.id, "event": delivery.event, "status": delivery.status_code},
            log=problem,
        ),
        cause=by.event,
    )
