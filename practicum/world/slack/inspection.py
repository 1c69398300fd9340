"""The whole workspace as JSON, with logins and names instead of ids."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.slack.backend import Backend
from practicum.world.slack.model import Channel, Message

Body = dict[str, Json]


def inspect_workspace(backend: Backend) -> Body:
    """Users, channels with their messages, files, scheduled messages, open sockets."""
    space = backend.space
    return {
        "users": [
            {"id": user.id, "login": user.login, "name": user.name, "email": user.email, "agent": user.is_bot}
            for user in space.users.values()
        ],
        "channels": [_channel(backend, channel) for channel in space.channels.values()],
        "files": [
            {
                "id": file.id,
                "name": file.name,
                "title": file.title,
                "size": file.size,
                "owner": space.login(file.user),
                "channels": [space.label(space.channels[id]) for id in file.shares if id in space.channels],
            }
            for file in space.files.values()
            if file.ready
        ],
        "scheduled": [
            {
                "channel": space.label(space.channels[waiting.channel]),
                "author": space.login(waiting.user),
                "post_at": waiting.post_at,
                "text": waiting.message.text,
            }
            for waiting in backend.schedule.waiting.values()
        ],
        "sockets": {**backend.sockets.connected()},
    }


def _channel(backend: Backend, channel: Channel) -> Body:
    space = backend.space
    return {
        "id": channel.id,
        "name": channel.name if channel.kind == "channel" else space.label(channel),
        "kind": channel.kind,
        "private": channel.hidden,
        "archived": channel.archived,
        "creator": space.login(channel.creator),
        "topic": channel.topic,
        "purpose": channel.purpose,
        "members": [space.login(id) for id in channel.members],
        "pins": [pin.ts for pin in channel.pins],
        "messages": [_message(backend, message) for message in channel.messages.values()],
    }


def _message(backend: Backend, message: Message) -> Body:
    space = backend.space
    author = space.users.get(message.user)
    return {
        "ts": message.ts,
        "author": space.login(message.user),
        "author_is_agent": bool(author and author.is_bot),
        "text": space.readable(message.text),
        "subtype": message.subtype,
        "thread": message.thread_ts,
        "edited": bool(message.edited_ts),
        "reactions": {one.name: [space.login(id) for id in one.users] for one in message.reactions},
        "files": [space.files[id].name for id in message.files if id in space.files],
        "blocks": list(message.blocks),
    }
