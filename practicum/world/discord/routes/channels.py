"""Channels: get, create, edit, delete, and typing."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.bits import Intent, Permission
from practicum.world.discord.body import integer, objects, string
from practicum.world.discord.errors import DiscordError, invalid_form, missing_permissions, required
from practicum.world.discord.gateway.hub import Payload
from practicum.world.discord.model import ANNOUNCEMENT, CATEGORY, DIRECT, TEXT, Channel, Overwrite, User
from practicum.world.discord.routes.guilds import check_guild
from practicum.world.discord.views import channel_view, member_view

NAME_LIMIT, TOPIC_LIMIT = 100, 1024
_GUILD = (Intent.GUILDS, None)


@route("GET /channels/{channel_id}")
async def get(call: Call) -> Answer:
    """One channel, thread or direct message."""
    return Answer(call.show(call.channel()))


@route("POST /guilds/{guild_id}/channels")
async def create(call: Call) -> Answer:
    """A new text channel, announcement channel or category."""
    check_guild(call)
    if not call.place.permissions(call.user) & Permission.MANAGE_CHANNELS:
        raise missing_permissions()
    body, _ = await call.body()
    kind = integer(body, "type", TEXT)
    if kind not in (TEXT, CATEGORY, ANNOUNCEMENT):
        raise invalid_form("type", "BASE_TYPE_CHOICES", "The simulated Discord has text channels and categories only.")
    channel = call.place.add_channel(_name(body, kind), kind)
    _apply(call, channel, body)
    await call.news.changed("channel.created", call.user.login, channel, {"name": channel.name}, cause=call.cause)
    call.news.hub.dispatch("CHANNEL_CREATE", _GUILD, _payload(call, channel), channel)
    return Answer(call.show(channel), 201)


@route("PATCH /channels/{channel_id}")
async def edit(call: Call) -> Answer:
    """Change a channel, or a thread's name, archive and lock."""
    channel = call.channel()
    if channel.kind == DIRECT:
        raise DiscordError(400, 50003, "Cannot execute action on a DM channel")
    own = channel.is_thread and channel.owner == call.user.id
    if not own:
        needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
        call.place.demand(call.user, channel, needed)
    body, _ = await call.body()
    if "name" in body:
        channel.name = _name(body, channel.kind)
    if channel.is_thread:
        _apply_thread(call, channel, body)
    else:
        _apply(call, channel, body)
    facts: Body = {"name": channel.name, "topic": channel.topic}
    await call.news.changed("channel.updated", call.user.login, channel, facts, cause=call.cause)
    kind = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    call.news.hub.dispatch(kind, _GUILD, _payload(call, channel), channel)
    return Answer(call.show(channel))


@route("DELETE /channels/{channel_id}")
async def delete(call: Call) -> Answer:
    """Remove a channel with its threads, or close a direct message."""
    channel = call.channel()
    shown = call.show(channel)
    if channel.kind == DIRECT:
        return Answer(shown)
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    call.place.demand(call.user, channel, needed)
    await call.news.changed("channel.deleted", call.user.login, channel, {"name": channel.name}, cause=call.cause)
    kind = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
    call.news.hub.dispatch(kind, _GUILD, _payload(call, channel), channel)
    for thread in [one for one in call.place.channels.values() if one.is_thread and one.parent == channel.id]:
        del call.place.channels[thread.id]
    call.place.channels.pop(channel.id, None)
    return Answer(shown)


@route("POST /channels/{channel_id}/typing")
async def typing(call: Call) -> Answer:
    """Show that somebody is writing."""
    channel = call.channel(Permission.SEND_MESSAGES)
    body: Body = {
        "channel_id": channel.id,
        "user_id": call.user.id,
        "timestamp": int(call.backend.context.clock.now().timestamp()),
    }
    if channel.kind != DIRECT:
        body |= {"guild_id": call.place.guild, "member": member_view(call.user)}
    intents = (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)
    call.news.hub.dispatch("TYPING_START", intents, lambda _: body, channel)
    return NOTHING


def _payload(call: Call, channel: Channel) -> Payload:
    def show(viewer: User) -> Body:
        return channel_view(call.place, channel, viewer)

    return show


def _name(body: Body, kind: int) -> str:
    """A channel's name; text channels are written in lower case with dashes, as Discord does it."""
    name = string(body, "name", limit=NAME_LIMIT).strip()
    if not name:
        raise required("name")
    return "-".join(name.lower().split()) if kind in (TEXT, ANNOUNCEMENT) else name


def _apply(call: Call, channel: Channel, body: Body) -> None:
    channel.topic = string(body, "topic", "" if "topic" in body else channel.topic, limit=TOPIC_LIMIT)
    channel.position = integer(body, "position", channel.position)
    channel.slowmode = integer(body, "rate_limit_per_user", channel.slowmode)
    channel.nsfw = body.get("nsfw") is True if "nsfw" in body else channel.nsfw
    if "parent_id" in body:
        channel.parent = _category(call, body)
    if "permission_overwrites" in body:
        channel.overwrites = [_overwrite(one) for one in objects(body, "permission_overwrites", most=1000)]


def _apply_thread(call: Call, thread: Channel, body: Body) -> None:
    thread.auto_archive = integer(body, "auto_archive_duration", thread.auto_archive)
    thread.slowmode = integer(body, "rate_limit_per_user", thread.slowmode)
    if isinstance(body.get("archived"), bool):
        thread.archived, thread.archived_at = body["archived"] is True, call.place.ids.now()
    if isinstance(body.get("locked"), bool):
        call.place.demand(call.user, thread, Permission.MANAGE_THREADS)
        thread.locked = body["locked"] is True


def _category(call: Call, body: Body) -> str:
    id = string(body, "parent_id")
    parent = call.place.channels.get(id)
    if id and (parent is None or parent.kind != CATEGORY):
        raise invalid_form("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist")
    return id


def _overwrite(body: dict[str, Json]) -> Overwrite:
    kind = integer(body, "type", 0)
    return Overwrite(string(body, "id"), kind, integer(body, "allow", 0), integer(body, "deny", 0))
