"""Reactions under messages."""

from __future__ import annotations

from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.bits import Intent, Permission
from practicum.world.discord.errors import DiscordError, unknown
from practicum.world.discord.model import DIRECT, Channel, Message, Reaction
from practicum.world.discord.views import emoji_view, member_view, user_view

_REACTIONS = (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)
_BASE = "/channels/{channel_id}/messages/{message_id}/reactions"
REACTION_LIMIT = 20
"""Different emoji under one message."""


@route(f"PUT {_BASE}/{{emoji}}/@me")
async def add(call: Call) -> Answer:
    """React; a second time changes nothing."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    message, wanted = call.message(channel), _emoji(call)
    reaction = _find(message, wanted)
    if reaction is None:
        call.place.demand(call.user, channel, Permission.ADD_REACTIONS)
        if len(message.reactions) >= REACTION_LIMIT:
            raise DiscordError(400, 30010, f"Maximum number of reactions reached ({REACTION_LIMIT})")
        reaction = wanted
        message.reactions.append(reaction)
    if call.user.id not in reaction.users:
        reaction.users.append(call.user.id)
        await _tell(call, channel, message, reaction, call.user.id, "added")
    return NOTHING


@route(f"DELETE {_BASE}/{{emoji}}/@me")
async def remove_own(call: Call) -> Answer:
    """Take one's own reaction away."""
    channel = call.channel()
    await _remove(call, channel, call.message(channel), call.user.id)
    return NOTHING


@route(f"DELETE {_BASE}/{{emoji}}/{{user_id}}")
async def remove_other(call: Call) -> Answer:
    """Take somebody's reaction away."""
    channel = call.channel(Permission.MANAGE_MESSAGES)
    await _remove(call, channel, call.message(channel), call.parameter("user_id"))
    return NOTHING


@route(f"GET {_BASE}/{{emoji}}")
async def users(call: Call) -> Answer:
    """Who reacted with an emoji, by id."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    reaction = _find(call.message(channel), _emoji(call))
    limit, after = call.number("limit", 25, 1, 100), call.number("after", 0, 0, 2**63)
    ids = sorted((id for id in (reaction.users if reaction else []) if int(id) > after), key=int)
    return Answer([user_view(call.place.users[id]) for id in ids[:limit]])


@route(f"DELETE {_BASE}", f"DELETE {_BASE}/{{emoji}}")
async def clear(call: Call) -> Answer:
    """Take all reactions away, or all with one emoji."""
    channel = call.channel(Permission.MANAGE_MESSAGES)
    message = call.message(channel)
    body: Body = {"channel_id": channel.id, "message_id": message.id}
    if channel.kind != DIRECT:
        body["guild_id"] = call.place.guild
    kind = "MESSAGE_REACTION_REMOVE_ALL"
    if "emoji" in call.request.match_info:
        emoji = _emoji(call)
        message.reactions = [one for one in message.reactions if one.key != emoji.key]
        kind, body["emoji"] = "MESSAGE_REACTION_REMOVE_EMOJI", emoji_view(emoji)
    else:
        message.reactions = []
    await call.news.changed("reaction.removed", call.user.login, channel, {"id": message.id}, cause=call.cause)
    call.news.hub.dispatch(kind, _REACTIONS, lambda _: body, channel)
    return NOTHING


def _emoji(call: Call) -> Reaction:
    """The emoji of the address: a Unicode character, or `name:id` of a custom one (the guild has none).

    Raises:
        DiscordError: 10014.
    """
    text = call.parameter("emoji")
    if not text or (text.isascii() and text.rstrip("\u20e3") not in "0123456789#*"):
        raise unknown("Emoji")
    return Reaction(text)


def _find(message: Message, emoji: Reaction) -> Reaction | None:
    return next((one for one in message.reactions if one.key == emoji.key), None)


async def _remove(call: Call, channel: Channel, message: Message, user: str) -> None:
    reaction = _find(message, _emoji(call))
    if reaction is None or user not in reaction.users:
        return
    reaction.users.remove(user)
    if not reaction.users:
        message.reactions.remove(reaction)
    await _tell(call, channel, message, reaction, user, "removed")


async def _tell(call: Call, channel: Channel, message: Message, reaction: Reaction, user: str, what: str) -> None:
    facts: Body = {
        "id": message.id,
        "reaction": reaction.name,
        "user": call.place.users[user].login,
        "author": call.news.author(message),
    }
    await call.news.changed(f"reaction.{what}", call.user.login, channel, facts, cause=call.cause)
    body: Body = {
        "user_id": user,
        "channel_id": channel.id,
        "message_id": message.id,
        "emoji": emoji_view(reaction),
        "burst": False,
        "type": 0,
    }
    if channel.kind != DIRECT:
        body["guild_id"] = call.place.guild
    if what == "added":
        body["message_author_id"] = message.author
        if channel.kind != DIRECT:
            body["member"] = member_view(call.place.users[user])
    kind = "MESSAGE_REACTION_ADD" if what == "added" else "MESSAGE_REACTION_REMOVE"
    call.news.hub.dispatch(kind, _REACTIONS, lambda _: body, channel)
