"""The whole community as JSON, with logins and names instead of ids."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.discord.backend import Backend
from practicum.world.discord.model import DIRECT, PRIVATE_THREAD, Channel, Message

Body = dict[str, Json]

_KINDS = {0: "text", 1: "direct", 4: "category", 5: "announcement", 10: "thread", 11: "thread", 12: "thread"}


def inspect_community(backend: Backend) -> Body:
    """The guild, its members, channels with messages, webhooks and commands, and open gateway sessions."""
    place = backend.place
    return {
        "guild": {"id": place.guild, "name": place.name},
        "users": [
            {"id": user.id, "login": user.login, "name": user.name, "agent": user.bot} for user in place.users.values()
        ],
        "channels": [_channel(backend, channel) for channel in place.channels.values()],
        "webhooks": [
            {"id": one.id, "name": one.name, "channel": place.channels[one.channel].name}
            for one in place.webhooks.values()
            if one.channel in place.channels
        ],
        "commands": [
            {"application": place.users[scope.partition("/")[0]].login, "name": command["name"]}
            for scope, commands in backend.commands.items()
            for command in commands.values()
        ],
        "sessions": [
            {"login": session.user.login, "connected": session.connected, "intents": int(session.intents)}
            for session in backend.news.hub.sessions.values()
        ],
    }


def _channel(backend: Backend, channel: Channel) -> Body:
    place = backend.place
    parent = place.channels.get(channel.parent)
    return {
        "id": channel.id,
        "name": channel.name or place.label(channel),
        "kind": _KINDS.get(channel.kind, str(channel.kind)),
        "parent": parent.name if parent else "",
        "topic": channel.topic,
        "private": channel.kind in (DIRECT, PRIVATE_THREAD) or bool(channel.overwrites),
        "archived": channel.archived,
        "members": [user.login for user in place.users.values() if place.sees(user, channel)],
        "messages": [_message(backend, message) for message in channel.messages.values()],
    }


def _message(backend: Backend, message: Message) -> Body:
    place = backend.place
    author = place.users.get(message.author)
    return {
        "id": message.id,
        "author": backend.news.author(message),
        "author_is_agent": bool(author and author.bot),
        "text": place.readable(message.content),
        "timestamp": message.timestamp,
        "edited": bool(message.edited),
        "kind": message.kind,
        "reply_to": message.reference,
        "thread": message.id if message.id in place.channels else "",
        "pinned": bool(message.pinned_at),
        "reactions": {one.key: [place.users[id].login for id in one.users] for one in message.reactions},
        "files": [one.filename for one in message.attachments],
        "embeds": list(message.embeds),
    }
