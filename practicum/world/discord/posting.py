"""Putting a message into a channel: the one way in for accounts, webhooks and people from outside."""

from __future__ import annotations

from practicum.world.discord.backend import Backend
from practicum.world.discord.model import DEFAULT, DIRECT, REPLY, Channel, Message, User
from practicum.world.discord.views import Body, member_view, message_view, user_view


def draft(backend: Backend, channel: Channel, author: str) -> Message:
    """A new, empty message that is not posted yet."""
    ids = backend.place.ids
    return Message(ids.next(), channel.id, author, "", ids.now())


async def post(backend: Backend, channel: Channel, message: Message, *, cause: str | None) -> None:
    """Store a message, tell the run, tell the gateway's clients."""
    channel.messages[message.id] = message
    channel.last_message = message.id
    if channel.is_thread and message.kind in (DEFAULT, REPLY):
        channel.sent += 1
        if message.author in backend.place.users and message.author not in channel.members:
            channel.members.append(message.author)
    news = backend.news
    await news.changed("message.posted", news.author(message), channel, news.message_facts(message), cause=cause)
    tell(backend, "MESSAGE_CREATE", channel, message)


def tell(backend: Backend, kind: str, channel: Channel, message: Message) -> None:
    """Send MESSAGE_CREATE or MESSAGE_UPDATE to the clients."""
    place, base_url = backend.place, backend.context.base_url
    author = place.users.get(message.author)

    def payload(viewer: User) -> Body:
        view = message_view(place, message, viewer, base_url) | {"channel_type": channel.kind}
        if author and channel.kind != DIRECT:
            view["member"] = member_view(author, with_user=False)
            mentioned = [place.users[id] for id in message.mentions if id in place.users]
            view["mentions"] = [user_view(user) | {"member": member_view(user, with_user=False)} for user in mentioned]
        return view

    backend.news.hub.message(kind, payload, channel)
