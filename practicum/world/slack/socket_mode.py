"""Socket Mode: events over a websocket that the app opens (docs.slack.dev/apis/events-api/using-socket-mode).

An app may hold several connections; each event goes to one of them. What was not acknowledged when its connection went
away, and what happened while an app that had been connected was away, is delivered again with `retry_attempt` 1.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from practicum.bus.events import Json
from practicum.world.slack.model import User
from practicum.world.slack.workspace import Workspace, identifier

Body = dict[str, Json]

BACKLOG = 1000
"""Events kept for an app that is away; older ones are lost, as they are at Slack after its retries."""

TICKET_SECONDS = 30.0
"""How long the address from `apps.connections.open` may be used; once only."""


@dataclass
class _Connection:
    socket: web.WebSocketResponse
    unacknowledged: dict[str, Body] = field(default_factory=dict)
    leaving: bool = False
    """The client was asked to connect anew; it gets nothing more here, but may still acknowledge."""


@dataclass
class _App:
    user: User
    connections: list[_Connection] = field(default_factory=list)
    backlog: deque[Body] = field(default_factory=lambda: deque(maxlen=BACKLOG))
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """The open connections of every app, and the events on their way."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._tickets: dict[str, tuple[User, float]] = {}
        self._apps: dict[str, _App] = {}
        self._events = 0

    def open(self, user: User, base_url: str) -> str:
        """A single-use websocket address for an app."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (user, asyncio.get_running_loop().time() + TICKET_SECONDS)
        return f"{base_url.replace('http', 'ws', 1)}/slack/socket?ticket={ticket}&app_id={user.app_id}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from `hello` to its end."""
        user, deadline = self._tickets.pop(request.query.get("ticket", ""), (None, 0.0))
        if user is None or asyncio.get_running_loop().time() > deadline:
            return web.json_response({"ok": False, "error": "invalid_auth"}, status=401)
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        connection = _Connection(socket)
        app = self._apps.setdefault(user.id, _App(user))
        await socket.send_json(self._hello(app))
        app.connections.append(connection)
        try:
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(_send_backlog(app, connection))
                async for frame in socket:
                    if frame.type is WSMsgType.TEXT:
                        _acknowledge(connection, frame.data)
                sender.cancel()
        finally:
            app.connections.remove(connection)
            app.backlog.extendleft(reversed([_again(one) for one in connection.unacknowledged.values()]))
            app.arrived.set()
        return socket

    async def deliver(self, app: User, event: Body, cause: str | None) -> None:
        """Queue an event for an app that has ever connected, and send it when it is connected."""
        known = self._apps.get(app.id)
        if known:
            self._events += 1
            known.backlog.append(self.envelope(app, event, self._events))
            known.arrived.set()

    def envelope(self, app: User, event: Body, number: int) -> Body:
        """An `events_api` envelope around an event."""
        return {
            "envelope_id": f"{identifier('', app.id, str(number)).lower()}-{number}",
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": 0,
            "retry_reason": "",
            "payload": event_callback(self._space, app, event, number),
        }

    async def refresh(self) -> None:
        """Ask every app to connect anew, as Slack does every few hours; the client hangs up when it has."""
        for app in self._apps.values():
            for connection in list(app.connections):
                connection.leaving = True
                await connection.socket.send_json(
                    {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "world"}}
                )

    async def close(self) -> None:
        """Hang up on everybody and forget them."""
        for app in list(self._apps.values()):
            for connection in list(app.connections):
                await connection.socket.close()
        self._apps.clear()
        self._tickets.clear()

    def connected(self) -> dict[str, int]:
        """Open connections by login."""
        return {app.user.login: len(app.connections) for app in self._apps.values()}

    def _hello(self, app: _App) -> Body:
        return {
            "type": "hello",
            "num_connections": len(app.connections) + 1,
            "debug_info": {"host": "world", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": app.user.app_id},
        }


async def _send_backlog(app: _App, connection: _Connection) -> None:
    """Send what waits for an app, on one of its connections, for as long as that stands.

    Sending has its own task so that an app which does not read holds up nobody but itself.
    """
    while not (connection.socket.closed or connection.leaving):
        while app.backlog and not connection.leaving:
            envelope = app.backlog.popleft()
            connection.unacknowledged[str(envelope["envelope_id"])] = envelope
            try:
                await connection.socket.send_json(envelope)
            except ConnectionError:
                return  # it stays unacknowledged, so the next connection gets it
        app.arrived.clear()
        await app.arrived.wait()


def _acknowledge(connection: _Connection, text: str) -> None:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        return
    if isinstance(answer, dict):
        connection.unacknowledged.pop(str(answer.get("envelope_id")), None)


def _again(envelope: Body) -> Body:
    return envelope | {"retry_attempt": 1, "retry_reason": "timeout"}


def event_callback(space: Workspace, app: User, event: Body, number: int) -> Body:
    """The `event_callback` that both Socket Mode and the Events API carry."""
    return {
        "token": "",
        "team_id": space.id,
        "api_app_id": app.app_id,
        "type": "event_callback",
        "event_id": identifier("Ev", app.id, str(number)),
        "event_time": space.stamps.seconds(),
        "event": event,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": space.id,
                "user_id": app.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{identifier('', app.id, str(number), 'context').lower()}",
    }
