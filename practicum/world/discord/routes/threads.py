"""Threads: start, list, join, leave."""

from __future__ import annotations

from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.bits import Intent, Permission
from practicum.world.discord.body import integer, string
from practicum.world.discord.errors import DiscordError, invalid_form, required, unknown
from practicum.world.discord.model import (
    ANNOUNCEMENT,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    THREAD_CREATED,
    THREAD_STARTER,
    THREADS,
    Channel,
    User,
)
from practicum.world.discord.posting import draft, post
from practicum.world.discord.routes.channels import NAME_LIMIT
from practicum.world.discord.routes.guilds import check_guild
from practicum.world.discord.views import channel_view, thread_member_view

HAS_THREAD = 1 << 5
"""Flag of a message that a thread hangs from."""
_DURATIONS = (60, 1440, 4320, 10080)


@route("POST /channels/{channel_id}/messages/{message_id}/threads")
async def from_message(call: Call) -> Answer:
    """Start a thread under a message; it has the message's id."""
    channel = call.channel(Permission.CREATE_PUBLIC_THREADS)
    message = call.message(channel)
    if message.id in call.place.channels:
        raise DiscordError(400, 160004, "A thread has already been created for this message")
    thread = await _make(call, channel, message.id, NEWS_THREAD if channel.kind == ANNOUNCEMENT else PUBLIC_THREAD)
    message.flags |= HAS_THREAD
    starter = draft(call.backend, thread, call.user.id)
    starter.kind, starter.reference, starter.reference_channel = THREAD_STARTER, message.id, channel.id
    thread.messages[starter.id] = starter
    await _announce(call, thread)
    return Answer(call.show(thread), 201)


@route("POST /channels/{channel_id}/threads")
async def without_message(call: Call) -> Answer:
    """Start a thread that hangs from no message: private unless `type` says otherwise."""
    channel = call.channel()
    body, _ = await call.body()
    kind = integer(body, "type", PRIVATE_THREAD)
    if kind not in THREADS:
        raise invalid_form("type", "BASE_TYPE_CHOICES", f"Value must be one of {THREADS}.")
    private = kind == PRIVATE_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    call.place.demand(call.user, channel, needed)
    thread = await _make(call, channel, call.place.ids.next(), kind)
    await _announce(call, thread)
    if not private:
        note = draft(call.backend, channel, call.user.id)
        note.kind, note.content, note.reference_channel = THREAD_CREATED, thread.name, thread.id
        await post(call.backend, channel, note, cause=call.cause)
    return Answer(call.show(thread), 201)


@route("GET /guilds/{guild_id}/threads/active")
async def active(call: Call) -> Answer:
    """All threads that are not archived, newest first, with the caller's memberships."""
    check_guild(call)
    return Answer(_listed(call, [one for one in _threads(call) if not one.archived]))


@route("GET /channels/{channel_id}/threads/archived/public", "GET /channels/{channel_id}/threads/archived/private")
async def archived(call: Call) -> Answer:
    """A channel's archived threads of one kind, the last archived first."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    private = call.request.path.endswith("/private")
    if private:
        call.place.demand(call.user, channel, Permission.MANAGE_THREADS)
    limit, before = call.number("limit", 50, 1, 100), call.request.query.get("before")
    found = [
        one
        for one in _threads(call)
        if one.archived
        and one.parent == channel.id
        and (one.kind == PRIVATE_THREAD) == private
        and (before is None or one.archived_at < before)
    ]
    found.sort(key=lambda thread: thread.archived_at, reverse=True)
    return Answer(_listed(call, found[:limit]) | {"has_more": len(found) > limit})


@route("PUT /channels/{channel_id}/thread-members/@me")
async def join(call: Call) -> Answer:
    """Join a thread."""
    thread = _thread(call)
    if call.user.id not in thread.members:
        thread.members.append(call.user.id)
        _tell_members(call, thread)
    return NOTHING


@route("DELETE /channels/{channel_id}/thread-members/@me")
async def leave(call: Call) -> Answer:
    """Leave a thread."""
    thread = _thread(call)
    if call.user.id in thread.members:
        thread.members.remove(call.user.id)
        _tell_members(call, thread)
    return NOTHING


@route("GET /channels/{channel_id}/thread-members")
async def members(call: Call) -> Answer:
    """Who is in a thread."""
    thread = _thread(call)
    return Answer([thread_member_view(call.place, thread, id) for id in thread.members])


async def _make(call: Call, channel: Channel, id: str, kind: int) -> Channel:
    if channel.kind not in (TEXT, ANNOUNCEMENT):
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    body, _ = await call.body()
    name = string(body, "name", limit=NAME_LIMIT).strip()
    if not name:
        raise required("name")
    archive_after = integer(body, "auto_archive_duration", 1440)
    if archive_after not in _DURATIONS:
        raise invalid_form("auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {_DURATIONS}.")
    thread = Channel(id, name, kind, parent=channel.id, owner=call.user.id, members=[call.user.id])
    thread.created, thread.auto_archive = call.place.ids.now(), archive_after
    thread.slowmode = integer(body, "rate_limit_per_user", 0)
    call.place.channels[id] = thread
    return thread


async def _announce(call: Call, thread: Channel) -> None:
    facts: Body = {"name": thread.name, "id": thread.id}
    await call.news.changed("thread.created", call.user.login, thread, facts, cause=call.cause)

    def show(viewer: User) -> Body:
        return channel_view(call.place, thread, viewer) | {"newly_created": True}

    call.news.hub.dispatch("THREAD_CREATE", (Intent.GUILDS, None), show, thread)


def _tell_members(call: Call, thread: Channel) -> None:
    here = call.user.id in thread.members
    body: Body = {"id": thread.id, "guild_id": call.place.guild, "member_count": len(thread.members)}
    body |= {"added_members": [thread_member_view(call.place, thread, call.user.id)]} if here else {}
    body |= {} if here else {"removed_member_ids": [call.user.id]}
    call.news.hub.dispatch("THREAD_MEMBERS_UPDATE", (Intent.GUILDS, None), lambda _: body, thread)


def _threads(call: Call) -> list[Channel]:
    found = [one for one in call.place.channels.values() if one.is_thread and call.place.sees(call.user, one)]
    return sorted(found, key=lambda thread: int(thread.id), reverse=True)


def _listed(call: Call, threads: list[Channel]) -> Body:
    own = [thread for thread in threads if call.user.id in thread.members]
    return {
        "has_more": False,
        "threads": [call.show(thread) for thread in threads],
        "members": [thread_member_view(call.place, thread, call.user.id) for thread in own],
    }


def _thread(call: Call) -> Channel:
    thread = call.channel()
    if not thread.is_thread:
        raise unknown("Channel")
    return thread
