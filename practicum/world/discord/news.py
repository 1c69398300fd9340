"""Tells the run what changed (`world.changed`), then the gateway's clients."""

from __future__ import annotations

from practicum.bus.events import Json, WorldChanged
from practicum.world.discord.community import Community
from practicum.world.discord.gateway.hub import Hub
from practicum.world.discord.model import DIRECT, PRIVATE_THREAD, Channel, Message, User
from practicum.world.service import Emit

Body = dict[str, Json]


class News:
    """One door for every change."""

    def __init__(self, place: Community, hub: Hub, emit: Emit) -> None:
        self._place = place
        self.hub = hub
        self._emit = emit

    async def changed(self, change: str, actor: str, channel: Channel, facts: Body, *, cause: str | None) -> None:
        """Emit `world.changed` about a channel; returns when it is stored. `actor` is a login."""
        resource = self._place.label(channel)
        await self._emit(
            "discord",
            WorldChanged(
                service="discord",
                change=f"discord.{change}",
                actor=actor,
                resource=resource,
                facts=self.channel_facts(channel) | facts,
            ),
            cause=cause,
        )

    def channel_facts(self, channel: Channel) -> Body:
        """How an agent knows a channel; a thread is told as its channel and its own name."""
        place = self._place
        facts: Body = {"channel": channel.name, "channel_id": channel.id}
        parent = place.channels.get(channel.parent)
        if channel.is_thread and parent:
            facts |= {"channel": parent.name, "thread": channel.name, "thread_id": channel.id}
        if channel.kind == DIRECT:
            facts["channel"] = place.label(channel)
        hidden = channel.kind in (DIRECT, PRIVATE_THREAD) or bool((parent or channel).overwrites)
        if hidden:
            seen_by = [user.login for user in place.users.values() if place.sees(user, channel)]
            facts |= {"private": True, "audience": [*seen_by]}
        return facts

    def message_facts(self, message: Message) -> Body:
        """What `discord.message.*` says of a message: id, text (mentions as `@login`), author, mentions, files."""
        place = self._place
        author = place.users.get(message.author)
        facts: Body = {
            "id": message.id,
            "text": place.readable(message.content),
            "author": self.author(message),
            "author_is_agent": bool(author and author.bot),
            "mentions": [place.users[id].login for id in message.mentions if id in place.users],
        }
        if message.reference:
            facts["reply_to"] = message.reference
        if message.attachments:
            facts["files"] = [one.filename for one in message.attachments]
        if message.embeds:
            facts["embeds"] = len(message.embeds)
        return facts

    def author(self, message: Message) -> str:
        """The login of a message's author; for a webhook the name it posted under."""
        author: User | None = self._place.users.get(message.author)
        return message.webhook_name if message.webhook else author.login if author else message.author
