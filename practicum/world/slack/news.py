"""Tells the rest of the run, and the apps of the workspace, what changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from practicum.bus.events import Json, WorldChanged
from practicum.world.service import Emit
from practicum.world.slack.model import Channel, User
from practicum.world.slack.workspace import Workspace

Body = dict[str, Json]


class Subscriber(Protocol):
    """Takes the events of one app: Socket Mode connections, a request URL."""

    async def deliver(self, app: User, event: Body, cause: str | None) -> None: ...


class News:
    """One door for every change: first `world.changed` on the bus, then Slack's event to the apps that may see it."""

    def __init__(self, space: Workspace, emit: Emit) -> None:
        self._space = space
        self._emit = emit
        self.subscribers: list[Subscriber] = []

    async def changed(
        self, change: str, actor: User, resource: str, facts: dict[str, Json], *, cause: str | None
    ) -> None:
        """Emit `world.changed`; returns when it is stored."""
        await self._emit(
            "slack",
            WorldChanged(service="slack", change=f"slack.{change}", actor=actor.login, resource=resource, facts=facts),
            cause=cause,
        )

    async def push(self, event: Body, channel: Channel | None, *, cause: str | None) -> None:
        """Hand an event of the Events API to every app whose bot is in `channel`, to every app when that is None."""
        audience: Collection[str] = self._space.users if channel is None else tuple(channel.members)
        for id in list(audience):
            app = self._space.users.get(id)
            if app and app.is_bot:
                await self.notify(app, event, cause=cause)

    async def notify(self, app: User, event: Body, *, cause: str | None) -> None:
        """Hand an event to one app, on every way that it asked for."""
        for subscriber in self.subscribers:
            await subscriber.deliver(app, event, cause)

    def channel_facts(self, channel: Channel) -> dict[str, Json]:
        """The facts by which an agent knows a channel; `audience` names the logins where only members may see."""
        facts: dict[str, Json] = {"channel": self._space.label(channel).removeprefix("#"), "channel_id": channel.id}
        if channel.hidden:
            facts |= {"private": True, "audience": [self._space.login(id) for id in channel.members]}
        return facts


def channel_type(channel: Channel) -> str:
    """`channel_type` of message events: channel, group (private), im or mpim."""
    if channel.kind != "channel":
        return channel.kind
    return "group" if channel.private else "channel"
