"""The guild: itself, its channels, members and roles."""

from __future__ import annotations

from practicum.world.discord.backend import Answer, Call, route
from practicum.world.discord.errors import unknown
from practicum.world.discord.model import DIRECT
from practicum.world.discord.views import guild_view, member_view, role_view


@route("GET /guilds/{guild_id}")
async def guild(call: Call) -> Answer:
    """The guild."""
    check_guild(call)
    view = guild_view(call.place)
    if call.request.query.get("with_counts", "").lower() in ("true", "1"):
        count = len(call.place.users)
        view |= {"approximate_member_count": count, "approximate_presence_count": count}
    return Answer(view)


@route("GET /guilds/{guild_id}/channels")
async def guild_channels(call: Call) -> Answer:
    """Its channels, without threads. As at Discord this lists those too that the account cannot enter."""
    check_guild(call)
    found = [one for one in call.place.channels.values() if one.kind != DIRECT and not one.is_thread]
    return Answer([call.show(channel) for channel in found])


@route("GET /guilds/{guild_id}/members")
async def members(call: Call) -> Answer:
    """Its members by id, `limit` (1 to 1000, 1 unless asked) after an id."""
    check_guild(call)
    limit = call.number("limit", 1, 1, 1000)
    after = call.number("after", 0, 0, 2**63)
    found = sorted((user for user in call.place.users.values() if int(user.id) > after), key=lambda user: int(user.id))
    return Answer([member_view(user) for user in found[:limit]])


@route("GET /guilds/{guild_id}/members/search")
async def search_members(call: Call) -> Answer:
    """Members whose name begins with `query`."""
    check_guild(call)
    limit = call.number("limit", 1, 1, 1000)
    prefix = call.request.query.get("query", "").lower()
    found = [
        user
        for user in call.place.users.values()
        if user.login.lower().startswith(prefix) or user.name.lower().startswith(prefix)
    ]
    return Answer([member_view(user) for user in found[:limit]])


@route("GET /guilds/{guild_id}/members/{user_id}")
async def member(call: Call) -> Answer:
    """One member."""
    check_guild(call)
    user = call.place.users.get(call.parameter("user_id"))
    if user is None:
        raise unknown("Member")
    return Answer(member_view(user))


@route("GET /guilds/{guild_id}/roles")
async def roles(call: Call) -> Answer:
    """Its roles: @everyone, people, and one for each bot."""
    check_guild(call)
    return Answer([role_view(role) for role in call.place.roles.values()])


@route("GET /guilds/{guild_id}/roles/{role_id}")
async def role(call: Call) -> Answer:
    """One role."""
    check_guild(call)
    found = call.place.roles.get(call.parameter("role_id"))
    if found is None:
        raise unknown("Role")
    return Answer(role_view(found))


def check_guild(call: Call) -> None:
    """Whether the guild of the address is the one there is.

    Raises:
        DiscordError: 10004.
    """
    if call.parameter("guild_id") != call.place.guild:
        raise unknown("Guild")
