"""Pinned messages, at the address of today (`/messages/pins`) and the older one (`/pins`)."""

from __future__ import annotations

from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.bits import Intent, Permission
from practicum.world.discord.errors import DiscordError
from practicum.world.discord.model import DIRECT, PINNED, Channel, Message
from practicum.world.discord.posting import draft, post

PIN_LIMIT = 250


@route("GET /channels/{channel_id}/messages/pins")
async def pins(call: Call) -> Answer:
    """Pins, newest first, `limit` (1 to 50) `before` a time."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    limit, before = call.number("limit", 50, 1, 50), call.request.query.get("before")
    found = [message for message in _pinned(channel) if before is None or message.pinned_at < before]
    return Answer(
        {
            "items": [
                {"pinned_at": message.pinned_at, "message": call.show_message(message)} for message in found[:limit]
            ],
            "has_more": len(found) > limit,
        }
    )


@route("GET /channels/{channel_id}/pins")
async def old_pins(call: Call) -> Answer:
    """Pins as a plain list."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    return Answer([call.show_message(message) for message in _pinned(channel)[:50]])


@route("PUT /channels/{channel_id}/messages/pins/{message_id}", "PUT /channels/{channel_id}/pins/{message_id}")
async def pin(call: Call) -> Answer:
    """Pin a message; the channel is told by a message of its own."""
    channel = _managed(call)
    message = call.message(channel)
    if message.pinned_at:
        return NOTHING
    if len(_pinned(channel)) >= PIN_LIMIT:
        raise DiscordError(400, 30003, f"Maximum number of pins reached ({PIN_LIMIT})")
    message.pinned_at = call.place.ids.now()
    await _tell(call, channel, message, "added")
    note = draft(call.backend, channel, call.user.id)
    note.kind, note.reference, note.reference_channel = PINNED, message.id, channel.id
    await post(call.backend, channel, note, cause=call.cause)
    return NOTHING


@route("DELETE /channels/{channel_id}/messages/pins/{message_id}", "DELETE /channels/{channel_id}/pins/{message_id}")
async def unpin(call: Call) -> Answer:
    """Unpin a message."""
    channel = _managed(call)
    message = call.message(channel)
    if message.pinned_at:
        message.pinned_at = ""
        await _tell(call, channel, message, "removed")
    return NOTHING


def _pinned(channel: Channel) -> list[Message]:
    return sorted((one for one in channel.messages.values() if one.pinned_at), key=lambda one: one.pinned_at)[::-1]


def _managed(call: Call) -> Channel:
    """The channel, if the account may pin there: with PIN_MESSAGES, or as before 2026 with MANAGE_MESSAGES."""
    channel = call.channel()
    if not call.place.can(call.user, channel, Permission.MANAGE_MESSAGES):
        call.place.demand(call.user, channel, Permission.PIN_MESSAGES)
    return channel


async def _tell(call: Call, channel: Channel, message: Message, what: str) -> None:
    facts = call.news.message_facts(message)
    await call.news.changed(f"pin.{what}", call.user.login, channel, facts, cause=call.cause)
    latest = _pinned(channel)
    body: Body = {"channel_id": channel.id, "last_pin_timestamp": latest[0].pinned_at if latest else None}
    if channel.kind != DIRECT:
        body["guild_id"] = call.place.guild
    intents = (Intent.GUILDS, Intent.DIRECT_MESSAGES)
    call.news.hub.dispatch("CHANNEL_PINS_UPDATE", intents, lambda _: body, channel)
