"""The Events API over HTTP: signed requests to an app's own address (docs.slack.dev/apis/events-api).

Each delivery is a job of the run, so that a run is not quiet while one is under way. A delivery that fails is tried
three times more, as Slack does it, but seconds instead of minutes apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence

import aiohttp
from pydantic import BaseModel, ConfigDict, SecretStr

from practicum.bus.events import JobFinished, JobStarted, Json
from practicum.errors import UsageError
from practicum.world.service import WorldContext
from practicum.world.slack.model import User
from practicum.world.slack.socket_mode import event_callback
from practicum.world.slack.workspace import Workspace

Body = dict[str, Json]

ANSWER_SECONDS = 3.0
"""Slack waits three seconds for the 200."""
RETRY_SECONDS = (0.0, 1.0, 5.0)
"""Slack: at once, after one minute, after five."""


class Subscription(BaseModel):
    """Where one app wants its events, and which; no `events` means all that it may see."""

    model_config = ConfigDict(extra="forbid")

    account: str
    url: str
    signing_secret: SecretStr
    events: list[str] = []
    """Event types: `message`, `message.channels`, `app_mention`, `reaction_added`."""

    def wants(self, event: Body) -> bool:
        """Whether an event is among those that were asked for."""
        kind = str(event["type"])
        sub = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
        named = f"{kind}.{sub.get(str(event.get('channel_type')), '')}"
        return not self.events or kind in self.events or named in self.events


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """`X-Slack-Signature`: `v0=` and HMAC-SHA256 of `v0:timestamp:body` (docs.slack.dev, "Verifying requests")."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class RequestUrls:
    """The subscriptions by address, and the deliveries to them."""

    def __init__(self, space: Workspace, context: WorldContext) -> None:
        self._space = space
        self._context = context
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._events = 0

    async def subscribe(self, app: User, subscription: Subscription) -> None:
        """Verify an address with Slack's `url_verification` challenge, then deliver to it.

        Raises:
            UsageError: when it does not answer with the challenge.
        """
        challenge = secrets.token_urlsafe(24)
        body: Body = {"token": "", "challenge": challenge, "type": "url_verification"}
        status, answer = await self._send(subscription, body, {})
        if status != 200 or challenge not in answer:
            raise UsageError(f"{subscription.url} did not answer Slack's url_verification (status {status})")
        self._subscriptions.setdefault(app.id, []).append(subscription)

    async def deliver(self, app: User, event: Body, cause: str | None) -> None:
        """Start the deliveries of an event; each was announced when this returns."""
        for subscription in self._subscriptions.get(app.id, []):
            if subscription.wants(event):
                self._events += 1
                body = event_callback(self._space, app, event, self._events)
                job = f"slack-event-{body['event_id']}"
                announced = await self._context.emit(
                    "slack",
                    JobStarted(job=job, kind="webhook", name=f"slack {event['type']}", facts={"to": app.login}),
                    cause=cause,
                )
                self._context.spawn(self._attempt(subscription, body, job, str(event["type"]), announced))

    async def _attempt(self, subscription: Subscription, body: Body, job: str, kind: str, cause: str) -> None:
        start, statuses = time.monotonic(), list[int]()
        for attempt, wait in enumerate((None, *RETRY_SECONDS)):
            headers = {}
            if wait is not None:
                await asyncio.sleep(wait)
                headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": _reason(statuses)}
            status, _ = await self._send(subscription, body, headers)
            statuses.append(status)
            if 200 <= status < 300:
                break
        await self._context.emit(
            "slack",
            JobFinished(
                job=job,
                kind="webhook",
                name=f"slack {kind}",
                ok=200 <= statuses[-1] < 300,
                seconds=time.monotonic() - start,
                facts={"statuses": [*statuses]},
            ),
            cause=cause,
        )

    async def _send(self, subscription: Subscription, body: Body, headers: dict[str, str]) -> tuple[int, str]:
        """Post a body; returns status and answer, status 0 when there was none."""
        raw = json.dumps(body).encode()
        timestamp = str(self._space.stamps.seconds())
        signed = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(subscription.signing_secret.get_secret_value(), timestamp, raw),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as client,
                client.post(subscription.url, data=raw, headers=signed | headers) as answer,
            ):
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
            return 0, type(error).__name__


def _reason(statuses: Sequence[int]) -> str:
    return "http_error" if statuses[-1] else "http_timeout"
