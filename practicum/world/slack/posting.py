"""Putting a message into a channel: the one way in for the Web API, for people from outside and for the schedule."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.slack.backend import Backend
from practicum.world.slack.model import Channel, Message
from practicum.world.slack.news import channel_type
from practicum.world.slack.views import message_view


def message_facts(backend: Backend, channel: Channel, message: Message) -> dict[str, Json]:
    """What `slack.message.*` says: channel, ts, text (mentions as `@login`), author, thread, mentions, files."""
    space = backend.space
    author = space.users.get(message.user)
    facts = backend.news.channel_facts(channel) | {
        "ts": message.ts,
        "id": message.ts,
        "text": space.readable(message.text),
        "author": space.login(message.user),
        "author_is_agent": bool(author and author.is_bot),
        "mentions": list(space.mentioned(message.text)),
    }
    if message.thread_ts:
        facts |= {"thread": message.thread_ts, "thread_ts": message.thread_ts}
    if message.files:
        facts["files"] = [space.files[id].name for id in message.files if id in space.files]
    return facts


def message_event(backend: Backend, channel: Channel, message: Message) -> dict[str, Json]:
    """The `message` event of the Events API for a new message."""
    view = message_view(backend.space, channel, message, backend.context.base_url)
    return view | {"channel": channel.id, "channel_type": channel_type(channel), "event_ts": message.ts}


async def post(backend: Backend, channel: Channel, message: Message, *, cause: str | None) -> None:
    """Store a message, tell the run, tell the apps in the channel (`app_mention` too for a bot that it mentions)."""
    space, news = backend.space, backend.news
    channel.messages[message.ts] = message
    author = space.users[message.user]
    await news.changed(
        "message.posted", author, space.label(channel), message_facts(backend, channel, message), cause=cause
    )
    event = message_event(backend, channel, message)
    await news.push(event, channel, cause=cause)
    if channel.kind != "im":
        for login in space.mentioned(message.text):
            mentioned = space.user_by_login(login)
            if mentioned and mentioned.is_bot and mentioned.id in channel.members and mentioned is not author:
                await news.notify(mentioned, event | {"type": "app_mention"}, cause=cause)
