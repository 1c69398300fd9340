"""conversations.history and conversations.replies."""

from __future__ import annotations

from practicum.world.slack.arguments import Arguments
from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Message
from practicum.world.slack.paging import page
from practicum.world.slack.timestamps import order


@method("conversations.history")
async def history(call: Call) -> Body:
    """A channel's messages, newest first; replies only where they were broadcast."""
    channel = call.own_channel()
    found = [message for message in channel.messages.values() if not message.thread_ts or message.broadcast]
    found = [message for message in reversed(found) if _within(message, call.arguments)]
    messages, metadata = page(found, call.arguments, most=999)
    body: Body = {
        "messages": [call.show_message(channel, message) for message in messages],
        "has_more": bool(_cursor(metadata)),
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return body | ({"response_metadata": metadata} if _cursor(metadata) else {})


@method("conversations.replies")
async def replies(call: Call) -> Body:
    """A thread: its parent, then the replies, oldest first."""
    channel = call.own_channel()
    parent = channel.messages.get(call.arguments.require("ts", "thread_not_found"))
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.thread_ts:
        parent = channel.messages.get(parent.thread_ts, parent)
    found = [reply for reply in channel.replies(parent.ts) if _within(reply, call.arguments)]
    messages, metadata = page([parent, *found], call.arguments)
    body: Body = {
        "messages": [call.show_message(channel, message) for message in messages],
        "has_more": bool(_cursor(metadata)),
    }
    return body | ({"response_metadata": metadata} if _cursor(metadata) else {})


def _cursor(metadata: object) -> str:
    return str(metadata.get("next_cursor", "")) if isinstance(metadata, dict) else ""


def _within(message: Message, arguments: Arguments) -> bool:
    """Whether a message lies between `oldest` and `latest` (excluded themselves unless `inclusive`)."""
    try:
        oldest, latest = order(arguments.text("oldest", "0")), arguments.text("latest")
        newest = order(latest) if latest else None
    except ValueError as error:
        raise SlackError("invalid_ts_oldest") from error
    at = order(message.ts)
    if arguments.flag("inclusive"):
        return oldest <= at and (newest is None or at <= newest)
    return oldest < at and (newest is None or at < newest)
