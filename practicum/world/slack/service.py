"""The simulated Slack: its routes, and what the world may ask of it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.blobs import Blobs
from practicum.world.service import WorldContext, cause_of
from practicum.world.slack import methods, permissions
from practicum.world.slack.arguments import Arguments, read_arguments, read_token
from practicum.world.slack.backend import METHODS, Backend, Body, Call
from practicum.world.slack.errors import SlackError, rate_limited, unauthorized
from practicum.world.slack.inspection import inspect_workspace
from practicum.world.slack.model import Message, ScheduledMessage, User
from practicum.world.slack.news import News
from practicum.world.slack.posting import post
from practicum.world.slack.request_url import RequestUrls
from practicum.world.slack.schedule import Schedule
from practicum.world.slack.seeding import seed_workspace
from practicum.world.slack.socket_mode import SocketMode
from practicum.world.slack.transfers import Uploads, download
from practicum.world.slack.workspace import Workspace

__all__ = ["Slack", "methods"]


class Slack:
    """Web API, Socket Mode and Events API over one workspace, in which every credential is a bot user."""

    name = "slack"

    def __init__(self, context: WorldContext) -> None:
        self._context = context
        self._faults: deque[tuple[str, int]] = deque()
        self._schedule = Schedule(context.clock)
        self._schedule.send = self._send_scheduled
        self._build()

    def _build(self) -> None:
        space = Workspace(self._context.credentials.accounts("slack"), self._context.clock)
        blobs = Blobs(self._context.directory / "slack" / "files")
        news, sockets = News(space, self._context.emit), SocketMode(space)
        self._urls = RequestUrls(space, self._context)
        news.subscribers = [sockets, self._urls]
        self._backend = Backend(self._context, space, news, blobs, Uploads(blobs), self._schedule, sockets)

    def mount(self, app: web.Application) -> None:
        """Add `/slack/api/METHOD`, the addresses of files and the websocket of Socket Mode."""
        app.router.add_route("*", "/slack/api/{method}", self._answer)
        app.router.add_get("/slack/socket", self._socket)
        app.router.add_post("/slack/files/upload/v1/{ticket}", self._upload)
        app.router.add_get("/slack/files/files-pri/{file}/{name}", self._download)
        app.router.add_get("/slack/files/files-pri/{file}/download/{name}", self._download)

    async def seed(self, seed: Mapping[str, Json]) -> None:
        """Bring in channels, people, messages and event subscriptions; see `practicum.world.slack.seeding`."""
        await seed_workspace(self._backend, self._urls, seed)

    async def say(self, channel: str, user: str, text: str, *, thread: str = "", cause: str | None = None) -> str:
        """A person from outside the team posts a message; returns its `ts`.

        Somebody new is introduced to the workspace and joins the channel.

        Raises:
            UsageError: when there is no such channel, or `user` is one of the agents.
        """
        space = self._backend.space
        found = space.channels.get(channel) or space.channel_by_name(channel.removeprefix("#"))
        if found is None:
            raise UsageError(f"Slack has no channel {channel!r}", hint="name it under world.slack.channels")
        person = space.user_by_login(user) or space.add_person(user)
        if person.is_bot:
            raise UsageError(f"{user!r} is an agent and speaks for itself", hint="say it as somebody from outside")
        if person.id not in found.members:
            found.members.append(person.id)
        message = Message(space.stamps.next(), person.id, text, thread_ts=thread)
        await post(self._backend, found, message, cause=cause)
        return message.ts

    def rate_limit(self, *, method: str = "", retry_after: int = 1, calls: int = 1) -> None:
        """Answer the next `calls` calls (of one method, where named) with 429 and `Retry-After` (seconds)."""
        self._faults.extend([(method, retry_after)] * calls)

    async def refresh_sockets(self) -> None:
        """Make every Socket Mode client connect anew, as Slack does every few hours."""
        await self._backend.sockets.refresh()

    async def send_due(self) -> None:
        """Send the scheduled messages whose time has come; for a clock that jumps."""
        await self._schedule.send_due()

    async def reset(self) -> None:
        """Back to the state after construction: the accounts, and nothing else."""
        await self._backend.sockets.close()
        await self._backend.blobs.clear()
        self._schedule.clear()
        self._faults.clear()
        self._build()

    def inspect(self) -> dict[str, Json]:
        """Channels, members, messages, files and what waits, by login and name."""
        return inspect_workspace(self._backend)

    async def close(self) -> None:
        """Hang up on every client and end the timers."""
        self._schedule.close()
        await self._backend.sockets.close()

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        try:
            arguments = await read_arguments(request)
            user = self._authenticate(request, arguments)
            self._strike(name)
            handler = METHODS.get(name)
            if handler is None:
                raise SlackError("unknown_method", fields={"req_method": name})
            permissions.check(user, name)
            body = await handler(Call(name, arguments, user, self._backend, cause_of(request)))
        except SlackError as error:
            refusal: Body = {"ok": False, "error": error.code, **error.fields}
            return _json(refusal, status=error.status, headers=error.headers)
        if name == "chat.scheduleMessage" and not self._schedule.running:
            self._context.spawn(self._schedule.run())
        return _json({"ok": True, **body}, headers={"X-OAuth-Scopes": permissions.scopes(user)})

    def _authenticate(self, request: web.Request, arguments: Arguments) -> User:
        token = read_token(request, arguments)
        if not token:
            raise unauthorized("not_authed")
        account = self._context.credentials.authenticate("slack", token)
        user = self._backend.space.user_by_login(account.login) if account else None
        if user is None:
            raise unauthorized("invalid_auth")
        return user

    def _strike(self, name: str) -> None:
        for fault in self._faults:
            if fault[0] in ("", name):
                self._faults.remove(fault)
                raise rate_limited(fault[1])

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        return await self._backend.sockets.serve(request)

    async def _upload(self, request: web.Request) -> web.Response:
        return await self._backend.uploads.receive(request)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            user = self._authenticate(request, Arguments({}))
            permissions.check(user, "files.info")
        except SlackError as error:
            return _json({"ok": False, "error": error.code}, status=HTTPStatus.UNAUTHORIZED)
        return await download(request, self._backend.space, self._backend.blobs, user)

    async def _send_scheduled(self, waiting: ScheduledMessage) -> None:
        await methods.scheduled.send(self._backend, waiting)


def _json(body: Body, *, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )
