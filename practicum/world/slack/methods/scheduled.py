"""chat.scheduleMessage, chat.scheduledMessages.list, chat.deleteScheduledMessage."""

from __future__ import annotations

from practicum.world.slack.backend import Backend, Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.methods.chat import compose, writable
from practicum.world.slack.model import ScheduledMessage
from practicum.world.slack.paging import page
from practicum.world.slack.posting import post

FURTHEST = 120 * 24 * 3600
"""Seconds into the future that Slack lets a message wait: 120 days."""


@method("chat.scheduleMessage")
async def schedule(call: Call) -> Body:
    """Let a message wait until `post_at` (seconds since 1970)."""
    channel = writable(call)
    now = call.space.stamps.seconds()
    post_at = call.arguments.integer("post_at", 0)
    if post_at <= now:
        raise SlackError("time_in_past")
    if post_at > now + FURTHEST:
        raise SlackError("time_too_far")
    message = compose(call, channel)
    waiting = ScheduledMessage(call.space.new_id("Q"), channel.id, call.user.id, post_at, message, now)
    call.backend.schedule.add(waiting)
    return {
        "channel": channel.id,
        "scheduled_message_id": waiting.id,
        "post_at": post_at,
        "message": {
            "text": message.text,
            "user": call.user.id,
            "bot_id": call.user.bot_id,
            "team": call.space.id,
            "type": "delayed_message",
            "subtype": "bot_message",
        },
    }


@method("chat.scheduledMessages.list")
async def list_scheduled(call: Call) -> Body:
    """The caller's messages that wait, earliest first."""
    channel = call.channel().id if "channel" in call.arguments else ""
    found = [
        waiting
        for waiting in call.backend.schedule.waiting.values()
        if waiting.user == call.user.id and channel in ("", waiting.channel)
    ]
    shown, metadata = page(sorted(found, key=lambda waiting: waiting.post_at), call.arguments)
    return {
        "scheduled_messages": [
            {
                "id": waiting.id,
                "channel_id": waiting.channel,
                "post_at": waiting.post_at,
                "date_created": waiting.date_created,
                "text": waiting.message.text,
            }
            for waiting in shown
        ],
        "response_metadata": metadata,
    }


@method("chat.deleteScheduledMessage")
async def delete_scheduled(call: Call) -> Body:
    """Take a waiting message back."""
    channel = call.channel()
    waiting = call.backend.schedule.waiting.get(call.arguments.text("scheduled_message_id"))
    if waiting is None or waiting.user != call.user.id or waiting.channel != channel.id:
        raise SlackError("invalid_scheduled_message_id")
    call.backend.schedule.cancel(waiting.id)
    return {}


async def send(backend: Backend, waiting: ScheduledMessage) -> None:
    """Post a message whose time has come, if its channel still takes it."""
    channel = backend.space.channels.get(waiting.channel)
    if channel is None or channel.archived or waiting.user not in channel.members:
        return
    waiting.message.ts = backend.space.stamps.next()
    await post(backend, channel, waiting.message, cause=None)
