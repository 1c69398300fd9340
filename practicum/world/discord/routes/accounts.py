"""Users, the application behind a bot, and where the gateway is."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.discord.backend import Answer, Body, Call, route
from practicum.world.discord.body import string
from practicum.world.discord.errors import DiscordError, unknown
from practicum.world.discord.gateway.welcome import APPLICATION_FLAGS, gateway_url
from practicum.world.discord.views import own_user_view, user_view


@route("GET /users/@me")
async def me(call: Call) -> Answer:
    """The account of the token."""
    return Answer(own_user_view(call.user))


@route("GET /users/{user_id}")
async def user(call: Call) -> Answer:
    """Anybody by id."""
    found = call.place.users.get(call.parameter("user_id"))
    if found is None:
        raise unknown("User")
    return Answer(user_view(found))


@route("GET /users/@me/guilds")
async def my_guilds(call: Call) -> Answer:
    """The one guild."""
    place = call.place
    guild: Body = {
        "id": place.guild,
        "name": place.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(place.permissions(call.user)),
        "features": [],
        "approximate_member_count": len(place.users),
        "approximate_presence_count": len(place.users),
    }
    return Answer([guild])


@route("POST /users/@me/channels")
async def open_direct(call: Call) -> Answer:
    """Open the direct message with somebody. Bots cannot write to bots."""
    body, _ = await call.body()
    other = call.place.users.get(string(body, "recipient_id"))
    if other is None:
        raise DiscordError(400, 50033, "Invalid Recipient(s)")
    if other.bot:
        raise DiscordError(403, 50007, "Cannot send messages to this user")
    return Answer(call.show(call.place.direct(call.user, other)))


@route("GET /gateway")
async def gateway(call: Call) -> Answer:
    """Where the websocket is."""
    return Answer({"url": gateway_url(call.backend.context.base_url)})


@route("GET /gateway/bot")
async def gateway_bot(call: Call) -> Answer:
    """Where the websocket is, with the session budget; one shard is enough."""
    return Answer(
        {
            "url": gateway_url(call.backend.context.base_url),
            "shards": 1,
            "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1},
        }
    )


@route("GET /oauth2/applications/@me", "GET /applications/@me")
async def application(call: Call) -> Answer:
    """The application of the bot; it has the bot's id."""
    owner = call.place.users[call.place.owner]
    body: dict[str, Json] = {
        "id": call.user.id,
        "name": call.user.login,
        "icon": None,
        "description": call.user.name,
        "type": None,
        "bot": user_view(call.user),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": APPLICATION_FLAGS,
        "flags_new": str(APPLICATION_FLAGS),
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "owner": user_view(owner),
        "team": None,
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "integration_types_config": {},
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "event_webhooks_types": [],
    }
    return Answer(body)
