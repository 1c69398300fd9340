"""What a client hears first: READY, then GUILD_CREATE; and members on request."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.discord.bits import Intent
from practicum.world.discord.community import Community
from practicum.world.discord.gateway.session import Session
from practicum.world.discord.model import DIRECT, User
from practicum.world.discord.views import channel_view, guild_view, member_view, own_user_view

Body = dict[str, Json]

APPLICATION_FLAGS = 1 << 13 | 1 << 15 | 1 << 19 | 1 << 23
"""Presence, members and message content intents enabled for an app in few guilds; it has slash commands."""


def gateway_url(base_url: str) -> str:
    """The websocket address of the gateway."""
    return base_url.replace("http", "ws", 1) + "/discord/gateway"


def ready(place: Community, session: Session, base_url: str) -> None:
    """READY: who the client is, and which guilds will follow."""
    session.dispatch(
        "READY",
        {
            "v": 10,
            "user": own_user_view(session.user),
            "user_settings": {},
            "guilds": [{"id": place.guild, "unavailable": True}] if _has_guild(place, session) else [],
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "geo_ordered_rtc_regions": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": gateway_url(base_url),
            "shard": [*session.shard],
            "application": {"id": session.user.id, "flags": APPLICATION_FLAGS},
            "_trace": [],
        },
    )


def welcome(place: Community, session: Session) -> None:
    """GUILD_CREATE with the channels that the account may see, the active threads and all members."""
    if not (_has_guild(place, session) and session.intents & Intent.GUILDS):
        return
    user = session.user
    seen = [channel for channel in place.channels.values() if channel.kind != DIRECT and place.sees(user, channel)]
    session.dispatch(
        "GUILD_CREATE",
        guild_view(place)
        | {
            "joined_at": user.joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(place.users),
            "voice_states": [],
            "members": [member_view(member) for member in place.users.values()],
            "channels": [channel_view(place, one, user) for one in seen if not one.is_thread],
            "threads": [channel_view(place, one, user) for one in seen if one.is_thread and not one.archived],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        },
    )


def members_chunk(place: Community, session: Session, asked: Body) -> None:
    """GUILD_MEMBERS_CHUNK: the members of the ids or with the prefix that were asked for."""
    ids = asked.get("user_ids")
    wanted = [str(id) for id in ids] if isinstance(ids, list) else [str(ids)] if ids else None
    limit = asked.get("limit")
    prefix = str(asked.get("query") or "").lower()
    found: list[User] = [
        user
        for user in place.users.values()
        if (user.id in wanted if wanted is not None else user.login.lower().startswith(prefix))
    ]
    if isinstance(limit, int) and limit > 0:
        found = found[:limit]
    chunk: Body = {
        "guild_id": place.guild,
        "members": [member_view(user) for user in found],
        "chunk_index": 0,
        "chunk_count": 1,
    }
    if wanted is not None:
        chunk["not_found"] = [id for id in wanted if id not in place.users]
    if asked.get("nonce") is not None:
        chunk["nonce"] = asked["nonce"]
    session.dispatch("GUILD_MEMBERS_CHUNK", chunk)


def _has_guild(place: Community, session: Session) -> bool:
    index, count = session.shard
    return (int(place.guild) >> 22) % count == index
