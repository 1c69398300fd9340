"""users.*"""

from __future__ import annotations

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.methods.conversations import wanted_kinds
from practicum.world.slack.paging import page
from practicum.world.slack.views import profile_view, user_view


@method("users.list")
async def list_users(call: Call) -> Body:
    """Everybody, in the order in which they came."""
    users, metadata = page(list(call.space.users.values()), call.arguments)
    return {
        "members": [user_view(call.space, user) for user in users],
        "cache_ts": call.space.stamps.seconds(),
        "response_metadata": metadata,
    }


@method("users.info")
async def user_info(call: Call) -> Body:
    """One user by id."""
    return {"user": user_view(call.space, call.space.user(call.arguments.require("user", "user_not_found")))}


@method("users.lookupByEmail")
async def lookup_by_email(call: Call) -> Body:
    """One user by e-mail address."""
    email = call.arguments.require("email").lower()
    for user in call.space.users.values():
        if user.email.lower() == email:
            return {"user": user_view(call.space, user)}
    raise SlackError("users_not_found")


@method("users.profile.get")
async def profile(call: Call) -> Body:
    """A profile, the caller's own unless asked."""
    user = call.space.user(call.arguments.text("user") or call.user.id)
    return {"profile": profile_view(call.space, user)}


@method("users.getPresence")
async def presence(call: Call) -> Body:
    """Everybody is always there."""
    call.space.user(call.arguments.text("user") or call.user.id)
    return {"presence": "active"}


@method("users.conversations")
async def user_conversations(call: Call) -> Body:
    """The conversations that a user (the caller unless asked) and the caller are both allowed to know of."""
    user = call.space.user(call.arguments.text("user") or call.user.id)
    kinds = wanted_kinds(call)
    found = [
        channel
        for channel in call.space.channels.values()
        if user.id in channel.members
        and (not channel.hidden or call.user.id in channel.members)
        and kinds(channel)
        and not (channel.archived and call.arguments.flag("exclude_archived"))
    ]
    channels, metadata = page(found, call.arguments)
    return {"channels": [call.show(channel) for channel in channels], "response_metadata": metadata}
