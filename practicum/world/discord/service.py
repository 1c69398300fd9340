"""The simulated Discord: its routes, and what the world may ask of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from aiohttp import web

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.discord import permissions, routes
from practicum.world.discord.attachments import Attachments
from practicum.world.discord.backend import NOTHING, TABLE, Answer, Backend, Call, Handler, respond
from practicum.world.discord.body import read_body
from practicum.world.discord.community import Community
from practicum.world.discord.composing import apply_mentions
from practicum.world.discord.errors import DiscordError, not_found, rate_limited, unauthorized
from practicum.world.discord.gateway.connection import Connection, open_connection
from practicum.world.discord.gateway.hub import Hub
from practicum.world.discord.inspection import inspect_community
from practicum.world.discord.model import User
from practicum.world.discord.news import News
from practicum.world.discord.posting import draft, post
from practicum.world.discord.rates import Rates
from practicum.world.discord.seeding import seed_community
from practicum.world.discord.views import message_view
from practicum.world.service import WorldContext, cause_of

__all__ = ["API", "Discord", "routes"]

API = "/discord/api/v10"

_Serve = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


class Discord:
    """REST and gateway over one guild, in which every credential is a bot."""

    name = "discord"

    def __init__(self, context: WorldContext) -> None:
        self._context = context
        self._connections: set[Connection] = set()
        self._faults: deque[tuple[str, float]] = deque()
        self._build()

    def _build(self) -> None:
        place = Community(self._context.credentials.accounts("discord"), self._context.clock)
        self._hub = Hub(place)
        self._rates = Rates(self._context.clock)
        self._backend = Backend(
            self._context,
            place,
            News(place, self._hub, self._context.emit),
            Attachments(self._context.directory / "discord" / "attachments"),
        )

    def mount(self, app: web.Application) -> None:
        """Add the REST routes under `/discord/api/v10`, the gateway and the addresses of attachments."""
        for template in sorted(TABLE, key=_literal_first):
            method, _, path = template.partition(" ")
            app.router.add_route(method, API + path, self._serve(template, TABLE[template]))
        app.router.add_post(API + "/webhooks/{webhook_id}/{token}", self._execute_webhook)
        app.router.add_get("/discord/cdn/attachments/{channel}/{id}/{filename}", self._attachment)
        app.router.add_get("/discord/gateway", self._gateway)
        app.router.add_get("/discord/gateway/", self._gateway)
        app.router.add_route("*", API + "/{rest:.*}", self._nothing_here)

    async def seed(self, seed: Mapping[str, Json]) -> None:
        """Bring in channels, people and messages; see `practicum.world.discord.seeding`."""
        seed_community(self._backend, self._rates, seed)

    async def say(self, channel: str, user: str, text: str, *, cause: str | None = None) -> str:
        """A person from outside the team posts a message; returns its id. Somebody new becomes a member.

        Raises:
            UsageError: when there is no such channel, or `user` is one of the agents.
        """
        place = self._backend.place
        found = place.channels.get(channel) or place.channel_by_name(channel.removeprefix("#"))
        if found is None:
            raise UsageError(f"Discord has no channel {channel!r}", hint="name it under world.discord.channels")
        person = place.user_by_login(user) or place.add_person(user)
        if person.bot:
            raise UsageError(f"{user!r} is an agent and speaks for itself", hint="say it as somebody from outside")
        message = draft(self._backend, found, person.id)
        message.content = text
        apply_mentions(place, found, person, message, {})
        await post(self._backend, found, message, cause=cause)
        return message.id

    def rate_limit(self, *, route: str = "", retry_after: float = 1.0, calls: int = 1) -> None:
        """Answer the next `calls` calls (of one `METHOD /template`, where named) with 429; `retry_after` in seconds."""
        self._faults.extend([(route, retry_after)] * calls)

    async def reconnect_clients(self) -> None:
        """Ask every client to reconnect (opcode 7); they resume and miss nothing."""
        for connection in list(self._connections):
            await connection.reconnect()

    async def invalidate_sessions(self) -> None:
        """End every session (opcode 9); clients identify anew."""
        for connection in list(self._connections):
            await connection.invalidate()

    async def drop_clients(self, code: int = 4000) -> None:
        """Hang up on every client with a close code."""
        for connection in list(self._connections):
            await connection.close(code)

    async def reset(self) -> None:
        """Back to the state after construction: the accounts, and nothing else."""
        await self.drop_clients(1000)
        await self._backend.attachments.clear()
        self._faults.clear()
        self._build()

    def inspect(self) -> dict[str, Json]:
        """Channels, members and messages, by login and name."""
        return inspect_community(self._backend)

    async def close(self) -> None:
        """Hang up on every client."""
        await self.drop_clients(1001)

    def _serve(self, template: str, handler: Handler) -> _Serve:
        async def serve(request: web.Request) -> web.StreamResponse:
            headers: dict[str, str] = {}
            try:
                user = self._authenticate(request)
                self._strike(template)
                major = request.match_info.get("channel_id") or request.match_info.get("guild_id") or ""
                headers = self._rates.take(user.id, template, major)
                permissions.check(user, template)
                return respond(await handler(Call(request, user, self._backend)), headers)
            except DiscordError as error:
                return respond(Answer(error.body(), error.status), headers | error.headers)

        return serve

    def _authenticate(self, request: web.Request) -> User:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        account = self._context.credentials.authenticate("discord", token.strip()) if scheme == "Bot" else None
        user = self._backend.place.user_by_login(account.login) if account else None
        if user is None:
            raise unauthorized()
        return user

    def _strike(self, template: str) -> None:
        for fault in self._faults:
            if fault[0] in ("", template):
                self._faults.remove(fault)
                raise rate_limited(fault[1], {"X-RateLimit-Scope": "user"})

    async def _nothing_here(self, request: web.Request) -> web.Response:
        try:
            self._authenticate(request)
            raise not_found()
        except DiscordError as error:
            return respond(Answer(error.body(), error.status))

    async def _execute_webhook(self, request: web.Request) -> web.Response:
        """The one REST route without an account: the address holds the token."""
        try:
            info = request.match_info
            webhook = routes.webhooks.find(self._backend, info["webhook_id"], info["token"])
            body, uploads = await read_body(request)
            message = await routes.webhooks.execute(self._backend, webhook, body, uploads, cause=cause_of(request))
            if request.query.get("wait", "").lower() not in ("true", "1"):
                return respond(NOTHING)
            place = self._backend.place
            creator = place.users[webhook.creator]
            return respond(Answer(message_view(place, message, creator, self._context.base_url)))
        except DiscordError as error:
            return respond(Answer(error.body(), error.status))

    async def _attachment(self, request: web.Request) -> web.Response:
        return await self._backend.attachments.serve(request, self._backend.place)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        base_url = self._context.base_url
        socket, connection = await open_connection(request, self._hub, self._context.credentials, base_url)
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)
        return socket


def _literal_first(template: str) -> tuple[bool, ...]:
    """Sorts `/users/@me` before `/users/{user_id}`, segment by segment."""
    return tuple("{" in segment for segment in template.partition(" ")[2].split("/"))
