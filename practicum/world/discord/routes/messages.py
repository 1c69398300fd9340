"""Messages: send, read, edit, delete."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.bits import Intent, Permission
from practicum.world.discord.body import objects, string
from practicum.world.discord.composing import apply_content, apply_mentions, check_not_empty, store_files
from practicum.world.discord.errors import DiscordError, invalid_form
from practicum.world.discord.model import DEFAULT, DIRECT, REPLY, Channel, Message
from practicum.world.discord.posting import draft, post, tell
from practicum.world.discord.snowflakes import EPOCH_MS

_MESSAGES = (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES)
BULK_AGE_MS = 14 * 24 * 3600 * 1000
"""Older messages cannot be deleted in bulk."""


@route("POST /channels/{channel_id}/messages")
async def send(call: Call) -> Answer:
    """Post a message, with files where the body is multipart, as an answer where it has a `message_reference`."""
    channel = call.channel()
    call.place.demand(
        call.user, channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    )
    if channel.is_thread and channel.archived:
        if channel.locked:
            raise DiscordError(400, 50083, "Thread is archived")
        channel.archived = False
    body, uploads = await call.body()
    if uploads:
        call.place.demand(call.user, channel, Permission.ATTACH_FILES)
    known = _same_nonce(call, channel, body)
    if known:
        return Answer(call.show_message(known))
    message = draft(call.backend, channel, call.user.id)
    apply_content(message, body)
    _apply_reference(call, channel, message, body)
    apply_mentions(call.place, channel, call.user, message, body)
    message.attachments = await store_files(call.place, call.backend.attachments, body, uploads)
    check_not_empty(message)
    await post(call.backend, channel, message, cause=call.cause)
    return Answer(call.show_message(message))


@route("GET /channels/{channel_id}/messages")
async def history(call: Call) -> Answer:
    """Messages, newest first: the last ones, or those `before`, `after` or `around` an id."""
    channel = call.channel()
    if not call.place.can(call.user, channel, Permission.READ_MESSAGE_HISTORY):
        return Answer([])
    limit = call.number("limit", 50, 1, 100)
    query = call.request.query
    if sum(name in query for name in ("before", "after", "around")) > 1:
        raise invalid_form("_schema", "MESSAGE_FETCH_EXCLUSIVE", "Only one of before, after and around may be set.")
    messages = sorted(channel.messages.values(), key=lambda message: int(message.id))
    if "after" in query:
        after = call.number("after", 0, 0, 2**63)
        chosen = [message for message in messages if int(message.id) > after][:limit]
    elif "around" in query:
        chosen = _around(messages, call.number("around", 0, 0, 2**63), limit)
    else:
        before = call.number("before", 2**63, 0, 2**63)
        chosen = [message for message in messages if int(message.id) < before][-limit:]
    return Answer([call.show_message(message) for message in reversed(chosen)])


@route("GET /channels/{channel_id}/messages/{message_id}")
async def get(call: Call) -> Answer:
    """One message."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    return Answer(call.show_message(call.message(channel)))


@route("PATCH /channels/{channel_id}/messages/{message_id}")
async def edit(call: Call) -> Answer:
    """Change one's own message; others' only as far as hiding their embeds."""
    channel = call.channel()
    message = call.message(channel)
    body, uploads = await call.body()
    if message.author != call.user.id or message.webhook:
        if set(body) != {"flags"}:
            raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
        call.place.demand(call.user, channel, Permission.MANAGE_MESSAGES)
    if message.kind not in (DEFAULT, REPLY):
        raise DiscordError(403, 50021, "Cannot execute action on a system message")
    if uploads:
        call.place.demand(call.user, channel, Permission.ATTACH_FILES)
    trial = draft(call.backend, channel, message.author)
    trial.content, trial.embeds, trial.components = message.content, message.embeds, message.components
    trial.flags = message.flags
    trial.reference, trial.reference_channel = message.reference, message.reference_channel
    apply_content(trial, body)
    if "content" in body:
        apply_mentions(call.place, channel, call.user, trial, body)
        message.mentions, message.mention_roles = trial.mentions, trial.mention_roles
        message.mention_everyone = trial.mention_everyone
    trial.attachments = message.attachments
    if "attachments" in body:
        kept = {str(one.get("id")) for one in objects(body, "attachments", most=10)}
        trial.attachments = [one for one in message.attachments if one.id in kept]
    trial.attachments = [
        *trial.attachments,
        *await store_files(call.place, call.backend.attachments, body, uploads),
    ]
    check_not_empty(trial)
    message.content, message.embeds, message.components = trial.content, trial.embeds, trial.components
    message.flags, message.attachments = trial.flags, trial.attachments
    message.edited = call.place.ids.now()
    facts = call.news.message_facts(message)
    await call.news.changed("message.updated", call.user.login, channel, facts, cause=call.cause)
    tell(call.backend, "MESSAGE_UPDATE", channel, message)
    return Answer(call.show_message(message))


@route("DELETE /channels/{channel_id}/messages/{message_id}")
async def delete(call: Call) -> Answer:
    """Delete a message: one's own, or with MANAGE_MESSAGES anybody's."""
    channel = call.channel()
    message = call.message(channel)
    if message.author != call.user.id:
        call.place.demand(call.user, channel, Permission.MANAGE_MESSAGES)
    await _remove(call, channel, message)
    body: Body = {"id": message.id, "channel_id": channel.id, **_guild(call, channel)}
    call.news.hub.dispatch("MESSAGE_DELETE", _MESSAGES, lambda _: body, channel)
    return NOTHING


@route("POST /channels/{channel_id}/messages/bulk-delete")
async def bulk_delete(call: Call) -> Answer:
    """Delete 2 to 100 messages that are not older than two weeks; unknown ids count but do not matter."""
    channel = call.channel(Permission.MANAGE_MESSAGES)
    if channel.kind == DIRECT:
        raise DiscordError(400, 50003, "Cannot execute action on a DM channel")
    body, _ = await call.body()
    ids = body.get("messages")
    if not isinstance(ids, list) or not 2 <= len(ids) <= 100:
        raise invalid_form("messages", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")
    now = int(call.backend.context.clock.now().timestamp() * 1000)
    wanted = [str(id) for id in ids]
    if any(not id.isdigit() or now - (int(id) >> 22) - EPOCH_MS > BULK_AGE_MS for id in wanted):
        raise DiscordError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    gone: list[Json] = []
    for id in dict.fromkeys(wanted):
        if id in channel.messages:
            await _remove(call, channel, channel.messages[id])
            gone.append(id)
    told: Body = {"ids": gone, "channel_id": channel.id, **_guild(call, channel)}
    call.news.hub.dispatch("MESSAGE_DELETE_BULK", _MESSAGES, lambda _: told, channel)
    return NOTHING


async def _remove(call: Call, channel: Channel, message: Message) -> None:
    del channel.messages[message.id]
    facts = call.news.message_facts(message)
    await call.news.changed("message.deleted", call.user.login, channel, facts, cause=call.cause)


def _guild(call: Call, channel: Channel) -> Body:
    return {} if channel.kind == DIRECT else {"guild_id": call.place.guild}


def _around(messages: list[Message], id: int, limit: int) -> list[Message]:
    older = [message for message in messages if int(message.id) < id][-(limit // 2) :] if limit > 1 else []
    newer = [message for message in messages if int(message.id) >= id]
    return older + newer[: limit - len(older)]


def _apply_reference(call: Call, channel: Channel, message: Message, body: Body) -> None:
    reference = body.get("message_reference")
    if not isinstance(reference, dict):
        return
    if reference.get("type") not in (None, 0):
        raise invalid_form("message_reference.type", "UNSUPPORTED", "The simulated Discord does not forward messages.")
    id, where = string(reference, "message_id"), string(reference, "channel_id") or channel.id
    if where != channel.id:
        raise invalid_form(
            "message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply in another channel"
        )
    call.place.demand(call.user, channel, Permission.READ_MESSAGE_HISTORY)
    if id in channel.messages:
        message.kind, message.reference, message.reference_channel = REPLY, id, channel.id
    elif reference.get("fail_if_not_exists") is not False:
        raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")


def _same_nonce(call: Call, channel: Channel, body: Body) -> Message | None:
    """The message that was sent with the same nonce before, where the caller wants at most one (`enforce_nonce`)."""
    nonce = body.get("nonce")
    if not body.get("enforce_nonce") or nonce is None:
        return None
    recent = reversed(channel.messages.values())
    return next((one for one in recent if one.author == call.user.id and one.nonce == nonce), None)
