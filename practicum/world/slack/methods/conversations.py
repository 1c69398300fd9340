"""conversations.create, list, info, rename, archive, topic and purpose."""

from __future__ import annotations

from collections.abc import Callable

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, Message
from practicum.world.slack.paging import page
from practicum.world.slack.posting import post

_TYPES = {"public_channel", "private_channel", "im", "mpim"}
TOPIC_LIMIT = 250
"""Characters of a topic or purpose."""


def wanted_kinds(call: Call) -> Callable[[Channel], bool]:
    """The argument `types` as a test.

    Raises:
        SlackError: `invalid_types`.
    """
    types = set(call.arguments.words("types")) or {"public_channel"}
    if types - _TYPES:
        raise SlackError("invalid_types")

    def wanted(channel: Channel) -> bool:
        if channel.kind != "channel":
            return channel.kind in types
        return ("private_channel" if channel.private else "public_channel") in types

    return wanted


@method("conversations.list")
async def list_channels(call: Call) -> Body:
    """The channels that the caller may know of."""
    kinds = wanted_kinds(call)
    skip_archived = call.arguments.flag("exclude_archived")
    found = [
        channel
        for channel in call.space.channels.values()
        if kinds(channel)
        and (not channel.hidden or call.user.id in channel.members)
        and not (channel.archived and skip_archived)
    ]
    channels, metadata = page(found, call.arguments)
    return {"channels": [call.show(channel) for channel in channels], "response_metadata": metadata}


@method("conversations.info")
async def channel_info(call: Call) -> Body:
    """One conversation."""
    return {"channel": call.show(call.channel())}


@method("conversations.create")
async def create(call: Call) -> Body:
    """A new channel; its creator is in it."""
    name = call.arguments.text("name").removeprefix("#")
    channel = call.space.add_channel(name, call.user, private=call.arguments.flag("is_private"))
    facts = call.news.channel_facts(channel) | {"name": name, "creator": call.user.login}
    await call.news.changed("channel.created", call.user, f"#{name}", facts, cause=call.cause)
    event: Body = {
        "type": "channel_created",
        "channel": {"id": channel.id, "name": name, "created": channel.created, "creator": call.user.id},
        "event_ts": call.space.stamps.next(),
    }
    await call.news.push(event, channel if channel.private else None, cause=call.cause)
    return {"channel": call.show(channel)}


@method("conversations.rename")
async def rename(call: Call) -> Body:
    """Give a channel another name; its creator may."""
    channel = _named_channel(call)
    name = call.arguments.text("name").removeprefix("#")
    if call.user.id != channel.creator:
        raise SlackError("not_authorized")
    if name != channel.name:
        call.space.check_name(name)
        old, channel.name = channel.name, name
        channel.previous_names.append(old)
        await _announce(call, channel, "channel_name", f"has renamed the channel from {old} to {name}", {"name": name})
    return {"channel": call.show(channel)}


@method("conversations.setTopic")
async def set_topic(call: Call) -> Body:
    """Set the topic."""
    channel, topic = _named_channel(call), call.arguments.text("topic")
    if len(topic) > TOPIC_LIMIT:
        raise SlackError("too_long")
    channel.topic, channel.topic_by, channel.topic_at = topic, call.user.id, call.space.stamps.seconds()
    await _announce(call, channel, "channel_topic", f"set the channel topic: {topic}", {"topic": topic})
    return {"topic": topic, "channel": call.show(channel)}


@method("conversations.setPurpose")
async def set_purpose(call: Call) -> Body:
    """Set the purpose (the description)."""
    channel, purpose = _named_channel(call), call.arguments.text("purpose")
    if len(purpose) > TOPIC_LIMIT:
        raise SlackError("too_long")
    channel.purpose, channel.purpose_by, channel.purpose_at = purpose, call.user.id, call.space.stamps.seconds()
    await _announce(call, channel, "channel_purpose", f"set the channel description: {purpose}", {"purpose": purpose})
    return {"purpose": purpose, "channel": call.show(channel)}


@method("conversations.archive")
async def archive(call: Call) -> Body:
    """Close a channel; its messages stay."""
    channel = _named_channel(call, archived="already_archived")
    await _announce(call, channel, "channel_archive", "archived the channel", {})
    channel.archived = True
    return {}


@method("conversations.unarchive")
async def unarchive(call: Call) -> Body:
    """Open an archived channel again."""
    channel = call.own_channel()
    if not channel.archived:
        raise SlackError("not_archived")
    channel.archived = False
    await _announce(call, channel, "channel_unarchive", "un-archived the channel", {})
    return {}


def _named_channel(call: Call, *, archived: str = "is_archived") -> Channel:
    channel = call.own_channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError(archived)
    return channel


async def _announce(call: Call, channel: Channel, subtype: str, text: str, extra: Body) -> None:
    """Slack tells what happened to a channel as a message of a subtype in it."""
    prefix = "group" if channel.private else "channel"
    message = Message(
        call.space.stamps.next(),
        call.user.id,
        f"<@{call.user.id}> {text}",
        subtype=subtype.replace("channel", prefix, 1),
        extra=extra,
    )
    await post(call.backend, channel, message, cause=call.cause)
