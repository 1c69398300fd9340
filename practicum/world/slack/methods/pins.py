"""pins.add, list, remove."""

from __future__ import annotations

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, Message, Pin

PIN_LIMIT = 100


@method("pins.add")
async def add(call: Call) -> Body:
    """Pin a message."""
    channel, message = _target(call)
    if any(pin.ts == message.ts for pin in channel.pins):
        raise SlackError("already_pinned")
    if len(channel.pins) >= PIN_LIMIT:
        raise SlackError("too_many_pins")
    channel.pins.append(Pin(message.ts, call.user.id, call.space.stamps.seconds()))
    await _tell(call, channel, message, "added")
    return {}


@method("pins.remove")
async def remove(call: Call) -> Body:
    """Unpin a message."""
    channel, message = _target(call)
    kept = [pin for pin in channel.pins if pin.ts != message.ts]
    if len(kept) == len(channel.pins):
        raise SlackError("no_pin")
    channel.pins = kept
    await _tell(call, channel, message, "removed")
    return {}


@method("pins.list")
async def list_pins(call: Call) -> Body:
    """What is pinned, newest pin first."""
    channel = call.own_channel()
    return {
        "items": [
            {
                "type": "message",
                "channel": channel.id,
                "created": pin.created,
                "created_by": pin.user,
                "message": call.show_message(channel, channel.messages[pin.ts]),
            }
            for pin in reversed(channel.pins)
        ]
    }


def _target(call: Call) -> tuple[Channel, Message]:
    channel = call.own_channel()
    if channel.archived:
        raise SlackError("is_archived")
    return channel, call.space.message(channel, call.arguments.require("timestamp", "no_item_specified"))


async def _tell(call: Call, channel: Channel, message: Message, what: str) -> None:
    facts = call.news.channel_facts(channel) | {"ts": message.ts, "text": call.space.readable(message.text)}
    await call.news.changed(f"pin.{what}", call.user, call.space.label(channel), facts, cause=call.cause)
    event: Body = {
        "type": f"pin_{what}",
        "user": call.user.id,
        "channel_id": channel.id,
        "item": {"type": "message", "channel": channel.id, "message": call.show_message(channel, message)},
        "event_ts": call.space.stamps.next(),
    }
    await call.news.push(event, channel, cause=call.cause)
