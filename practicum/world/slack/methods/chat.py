"""chat.postMessage, update, delete, postEphemeral, meMessage, getPermalink."""

from __future__ import annotations

import re

from practicum.bus.events import Json
from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, Message, User
from practicum.world.slack.news import channel_type
from practicum.world.slack.posting import message_facts, post

TEXT_LIMIT = 40_000
"""Characters; Slack refuses more with `msg_too_long`."""
MARKDOWN_LIMIT = 12_000
"""Characters of `markdown_text`."""
BLOCK_LIMIT = 50
ATTACHMENT_LIMIT = 100
_PLAIN_MENTION = re.compile(r"(?<![\w<@])@([\w.-]+)")


@method("chat.postMessage")
async def post_message(call: Call) -> Body:
    """Post into a channel, a thread, or (given a user's id) a direct message."""
    channel = writable(call)
    message = compose(call, channel)
    await post(call.backend, channel, message, cause=call.cause)
    return {"channel": channel.id, "ts": message.ts, "message": call.show_message(channel, message)}


@method("chat.meMessage")
async def me_message(call: Call) -> Body:
    """Post a "/me" message."""
    channel = writable(call)
    message = Message(call.space.stamps.next(), call.user.id, call.arguments.require("text", "no_text"))
    message.subtype = "me_message"
    _check_length(message.text)
    await post(call.backend, channel, message, cause=call.cause)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral")
async def post_ephemeral(call: Call) -> Body:
    """Show something to one member only; it is not part of the channel's history."""
    channel = writable(call)
    reader = call.space.user(call.arguments.require("user", "user_not_found"))
    if reader.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = compose(call, channel)
    facts = message_facts(call.backend, channel, message)
    facts |= {"ephemeral": True, "private": True, "audience": [call.user.login, reader.login]}
    await call.news.changed("message.posted", call.user, call.space.label(channel), facts, cause=call.cause)
    return {"message_ts": message.ts}


@method("chat.update")
async def update(call: Call) -> Body:
    """Change one's own message."""
    channel = call.own_channel()
    message = call.space.message(channel, call.arguments.require("ts", "message_not_found"))
    if message.user != call.user.id or message.subtype not in ("", "me_message", "file_share", "thread_broadcast"):
        raise SlackError("cant_update_message")
    if channel.archived:
        raise SlackError("is_archived")
    before = call.show_message(channel, message)
    draft = compose(call, channel, thread=False, required="file_ids" not in call.arguments)
    rewritten = "text" in call.arguments or "markdown_text" in call.arguments
    message.text = draft.text if rewritten else message.text
    if rewritten or "blocks" in call.arguments:
        message.blocks = draft.blocks
    if "attachments" in call.arguments:
        message.attachments = draft.attachments
    message.edited_by, message.edited_ts = call.user.id, draft.ts
    facts = message_facts(call.backend, channel, message)
    await call.news.changed("message.updated", call.user, call.space.label(channel), facts, cause=call.cause)
    after = call.show_message(channel, message)
    event = _hidden_event(channel, "message_changed", draft.ts) | {"message": after, "previous_message": before}
    await call.news.push(event, channel, cause=call.cause)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": after}


@method("chat.delete")
async def delete(call: Call) -> Body:
    """Delete one's own message. A message with replies leaves a tombstone, as at Slack."""
    channel = call.own_channel()
    message = call.space.message(channel, call.arguments.require("ts", "message_not_found"))
    if message.subtype == "tombstone":
        raise SlackError("message_not_found")
    if message.user != call.user.id:
        raise SlackError("cant_delete_message")
    before = call.show_message(channel, message)
    facts = message_facts(call.backend, channel, message)
    if channel.replies(message.ts):
        channel.messages[message.ts] = Message(
            message.ts, "USLACKBOT", "This message was deleted.", subtype="tombstone", extra={"hidden": True}
        )
    else:
        del channel.messages[message.ts]
    channel.pins = [pin for pin in channel.pins if pin.ts != message.ts]
    await call.news.changed("message.deleted", call.user, call.space.label(channel), facts, cause=call.cause)
    event = _hidden_event(channel, "message_deleted", call.space.stamps.next())
    await call.news.push(event | {"deleted_ts": message.ts, "previous_message": before}, channel, cause=call.cause)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
async def permalink(call: Call) -> Body:
    """A link to a message."""
    channel = call.channel()
    message = call.space.message(channel, call.arguments.require("message_ts", "message_not_found"))
    link = f"{call.base_url}/slack/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def writable(call: Call) -> Channel:
    """The channel that a call wants to post into.

    Raises:
        SlackError: `channel_not_found`, `not_in_channel`, `is_archived`.
    """
    reference = call.arguments.text("channel")
    if reference in call.space.users:
        channel, _ = call.space.direct([call.space.users[reference]], call.user)
        return channel
    channel = call.own_channel()
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def compose(call: Call, channel: Channel, *, thread: bool = True, required: bool = True) -> Message:
    """The message that the arguments describe, with a new `ts`, not yet posted.

    Raises:
        SlackError: `no_text`, `msg_too_long`, `invalid_blocks`, `invalid_attachments`, `too_many_attachments`,
            `invalid_metadata_format`, `thread_not_found`.
    """
    arguments = call.arguments
    text, markdown = arguments.text("text"), arguments.text("markdown_text")
    if markdown and (text or "blocks" in arguments):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN_LIMIT:
        raise SlackError("msg_too_long")
    text = text or markdown
    blocks = arguments.items("blocks", "invalid_blocks_format")
    attachments = arguments.items("attachments", "invalid_attachments")
    if required and not (text or blocks or attachments):
        raise SlackError("no_text")
    _check_length(text)
    if len(blocks) > BLOCK_LIMIT or not all(isinstance(block, dict) and block.get("type") for block in blocks):
        raise SlackError("invalid_blocks")
    if len(attachments) > ATTACHMENT_LIMIT:
        raise SlackError("too_many_attachments")
    if arguments.flag("link_names") or arguments.text("parse") == "full":
        text = _link_names(call, text)
    metadata = arguments.mapping("metadata", "invalid_metadata_format")
    if metadata and not ("event_type" in metadata and isinstance(metadata.get("event_payload"), dict)):
        raise SlackError("invalid_metadata_schema")
    message = Message(
        call.space.stamps.next(), call.user.id, text, blocks=blocks, attachments=attachments, metadata=metadata
    )
    if thread and arguments.text("thread_ts"):
        message.thread_ts = thread_root(channel, arguments.text("thread_ts"))
        message.broadcast = arguments.flag("reply_broadcast")
        message.subtype = "thread_broadcast" if message.broadcast else ""
    return message


def thread_root(channel: Channel, ts: str) -> str:
    """The parent of the thread that `ts` (the parent or one of its replies) belongs to.

    Raises:
        SlackError: `thread_not_found`.
    """
    found = channel.messages.get(ts)
    if found is None:
        raise SlackError("thread_not_found")
    return found.thread_ts or found.ts


def _check_length(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise SlackError("msg_too_long")


def _link_names(call: Call, text: str) -> str:
    """`@login` as a true mention, where such a user exists."""

    def link(match: re.Match[str]) -> str:
        user: User | None = call.space.user_by_login(match.group(1))
        return f"<@{user.id}>" if user else match.group(0)

    return _PLAIN_MENTION.sub(link, text)


def _hidden_event(channel: Channel, subtype: str, ts: str) -> dict[str, Json]:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel_type(channel),
        "ts": ts,
        "event_ts": ts,
    }
