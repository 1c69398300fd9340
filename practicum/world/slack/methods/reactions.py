"""reactions.add, remove, get, list."""

from __future__ import annotations

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, Message, Reaction
from practicum.world.slack.paging import page

REACTION_LIMIT = 23
"""Different emoji under one message by one user (Slack's `too_many_reactions`)."""


@method("reactions.add")
async def add(call: Call) -> Body:
    """Put an emoji under a message."""
    channel, message, name = _target(call)
    reaction = next((one for one in message.reactions if one.name == name), None)
    if reaction and call.user.id in reaction.users:
        raise SlackError("already_reacted")
    if sum(call.user.id in one.users for one in message.reactions) >= REACTION_LIMIT:
        raise SlackError("too_many_reactions")
    if reaction is None:
        reaction = Reaction(name)
        message.reactions.append(reaction)
    reaction.users.append(call.user.id)
    await _tell(call, channel, message, name, "added")
    return {}


@method("reactions.remove")
async def remove(call: Call) -> Body:
    """Take one's own emoji away."""
    channel, message, name = _target(call)
    reaction = next((one for one in message.reactions if one.name == name), None)
    if reaction is None or call.user.id not in reaction.users:
        raise SlackError("no_reaction")
    reaction.users.remove(call.user.id)
    if not reaction.users:
        message.reactions.remove(reaction)
    await _tell(call, channel, message, name, "removed")
    return {}


@method("reactions.get")
async def get(call: Call) -> Body:
    """A message with its reactions."""
    channel, message = _message(call)
    return {"type": "message", "channel": channel.id, "message": call.show_message(channel, message)}


@method("reactions.list")
async def list_reactions(call: Call) -> Body:
    """Messages that a user (the caller unless asked) reacted to, newest first."""
    user = call.space.user(call.arguments.text("user") or call.user.id)
    found = [
        (channel, message)
        for channel in call.space.channels.values()
        if call.user.id in channel.members
        for message in channel.messages.values()
        if any(user.id in reaction.users for reaction in message.reactions)
    ]
    found.sort(key=lambda pair: pair[1].ts, reverse=True)
    shown, metadata = page(found, call.arguments)
    return {
        "items": [
            {"type": "message", "channel": channel.id, "message": call.show_message(channel, message)}
            for channel, message in shown
        ],
        "response_metadata": metadata,
    }


def _message(call: Call) -> tuple[Channel, Message]:
    if not call.arguments.text("channel") or not call.arguments.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.own_channel()
    return channel, call.space.message(channel, call.arguments.text("timestamp"))


def _target(call: Call) -> tuple[Channel, Message, str]:
    name = call.arguments.require("name", "invalid_name").strip(":")
    if not name or any(letter.isspace() for letter in name):
        raise SlackError("invalid_name")
    channel, message = _message(call)
    if channel.archived:
        raise SlackError("is_archived")
    return channel, message, name


async def _tell(call: Call, channel: Channel, message: Message, name: str, what: str) -> None:
    facts = call.news.channel_facts(channel) | {
        "ts": message.ts,
        "reaction": name,
        "user": call.user.login,
        "author": call.space.login(message.user),
    }
    await call.news.changed(f"reaction.{what}", call.user, call.space.label(channel), facts, cause=call.cause)
    event: Body = {
        "type": f"reaction_{what}",
        "user": call.user.id,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "event_ts": call.space.stamps.next(),
    }
    await call.news.push(event, channel, cause=call.cause)
