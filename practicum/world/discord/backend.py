"""What the routes work with, what one call is, and how a function becomes a route."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.discord.attachments import Attachments
from practicum.world.discord.bits import Permission
from practicum.world.discord.body import Upload, query_number, read_body
from practicum.world.discord.community import Community
from practicum.world.discord.model import Channel, Message, User
from practicum.world.discord.news import News
from practicum.world.discord.views import channel_view, message_view
from practicum.world.service import WorldContext, cause_of

Body = dict[str, Json]


@dataclass
class Backend:
    """The parts of the simulated Discord, wired together."""

    context: WorldContext
    place: Community
    news: News
    attachments: Attachments
    commands: dict[str, dict[str, Body]] = field(default_factory=dict)
    """Application commands by scope (application id, or application and guild id), then by command id."""


@dataclass
class Call:
    """One call of a route by an authenticated account."""

    request: web.Request
    user: User
    backend: Backend

    @property
    def place(self) -> Community:
        return self.backend.place

    @property
    def news(self) -> News:
        return self.backend.news

    @property
    def cause(self) -> str | None:
        """The exchange that the call belongs to."""
        return cause_of(self.request)

    def parameter(self, name: str) -> str:
        """A part of the address."""
        return self.request.match_info[name]

    def channel(self, needed: Permission = Permission(0)) -> Channel:
        """The channel of the address.

        Raises:
            DiscordError: 10003, 50001, and 50013 when the account lacks `needed` there.
        """
        channel = self.place.channel(self.parameter("channel_id"), self.user)
        self.place.demand(self.user, channel, needed)
        return channel

    def message(self, channel: Channel) -> Message:
        """The message of the address.

        Raises:
            DiscordError: 10008.
        """
        return self.place.message(channel, self.parameter("message_id"))

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A number of the query.

        Raises:
            DiscordError: 50035 when it is none or out of bounds.
        """
        return query_number(self.request, name, default, low, high)

    async def body(self) -> tuple[Body, list[Upload]]:
        """The JSON of the request, and the files where it is multipart."""
        return await read_body(self.request)

    def show(self, channel: Channel) -> Body:
        return channel_view(self.place, channel, self.user)

    def show_message(self, message: Message) -> Body:
        return message_view(self.place, message, self.user, self.backend.context.base_url)


@dataclass(frozen=True)
class Answer:
    """What a route returns: a status and a body; None is an empty body with 204."""

    body: Json = None
    status: int = HTTPStatus.OK


NOTHING = Answer(None, HTTPStatus.NO_CONTENT)

Handler = Callable[[Call], Awaitable[Answer]]
TABLE: dict[str, Handler] = {}
"""`METHOD /template` to what answers it; filled by `route` as the modules of `practicum.world.discord.routes` load."""


def route(*templates: str) -> Callable[[Handler], Handler]:
    """Register the function that answers one or several `METHOD /template`."""

    def register(handler: Handler) -> Handler:
        for template in templates:
            TABLE[template] = handler
        return handler

    return register


def respond(answer: Answer, headers: dict[str, str] | None = None) -> web.Response:
    """An HTTP answer. The type is exactly `application/json`: discord.py does not parse one with a charset."""
    if answer.status == HTTPStatus.NO_CONTENT:
        return web.Response(status=answer.status, headers=headers)
    text = json.dumps(answer.body, ensure_ascii=False)
    return web.Response(
        status=answer.status, body=text.encode(), headers={**(headers or {}), "Content-Type": "application/json"}
    )
