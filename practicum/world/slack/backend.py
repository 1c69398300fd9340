"""What the methods of the Web API work with, and what one call of them is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from practicum.bus.events import Json
from practicum.world.blobs import Blobs
from practicum.world.service import WorldContext
from practicum.world.slack.arguments import Arguments
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, Message, User
from practicum.world.slack.news import News
from practicum.world.slack.schedule import Schedule
from practicum.world.slack.socket_mode import SocketMode
from practicum.world.slack.transfers import Uploads
from practicum.world.slack.views import channel_view, message_view
from practicum.world.slack.workspace import Workspace

Body = dict[str, Json]


@dataclass
class Backend:
    """The parts of the simulated Slack, wired together."""

    context: WorldContext
    space: Workspace
    news: News
    blobs: Blobs
    uploads: Uploads
    schedule: Schedule
    sockets: SocketMode


@dataclass
class Call:
    """One call of a Web API method by an authenticated user."""

    method: str
    arguments: Arguments
    user: User
    backend: Backend
    cause: str | None
    """The exchange that the call belongs to."""

    @property
    def space(self) -> Workspace:
        return self.backend.space

    @property
    def news(self) -> News:
        return self.backend.news

    @property
    def base_url(self) -> str:
        return self.backend.context.base_url

    def channel(self, argument: str = "channel") -> Channel:
        """The channel that an argument names, by id, `#name` or name.

        Raises:
            SlackError: `channel_not_found`.
        """
        return self.space.channel(self.arguments.text(argument), self.user)

    def own_channel(self, argument: str = "channel") -> Channel:
        """Like `channel`, for methods that only a member may call.

        Raises:
            SlackError: `not_in_channel`.
        """
        channel = self.channel(argument)
        if self.user.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def show(self, channel: Channel) -> Body:
        return channel_view(self.space, channel, self.user)

    def show_message(self, channel: Channel, message: Message) -> Body:
        return message_view(self.space, channel, message, self.base_url)


Handler = Callable[[Call], Awaitable[Body]]

METHODS: dict[str, Handler] = {}
"""Web API method to what answers it; filled by `method` as the modules of `practicum.world.slack.methods` load."""


def method(name: str) -> Callable[[Handler], Handler]:
    """Register the function that answers a Web API method. It returns the body without `ok`."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = handler
        return handler

    return register
