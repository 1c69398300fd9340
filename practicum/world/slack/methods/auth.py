"""api.test, auth.test, team.info, bots.info and the door to Socket Mode."""

from __future__ import annotations

from practicum.world.slack.backend import Body, Call, method
from practicum.world.slack.errors import SlackError
from practicum.world.slack.views import bot_view
from practicum.world.slack.workspace import TEAM_DOMAIN, TEAM_NAME


@method("api.test")
async def api_test(call: Call) -> Body:
    """Answer, or fail with the error that the caller asks for."""
    error = call.arguments.text("error")
    if error:
        raise SlackError(error)
    return {"args": {}}


@method("auth.test")
async def auth_test(call: Call) -> Body:
    """Whose token this is."""
    return {
        "url": f"{call.base_url}/slack/",
        "team": TEAM_NAME,
        "user": call.user.login,
        "team_id": call.space.id,
        "user_id": call.user.id,
        "bot_id": call.user.bot_id,
        "is_enterprise_install": False,
    }


@method("team.info")
async def team_info(call: Call) -> Body:
    """The one team there is."""
    return {
        "team": {
            "id": call.space.id,
            "name": TEAM_NAME,
            "domain": TEAM_DOMAIN,
            "url": f"{call.base_url}/slack/",
            "email_domain": "team.invalid",
            "icon": {"image_default": True},
        }
    }


@method("bots.info")
async def bots_info(call: Call) -> Body:
    """A bot by its `B...` id."""
    wanted = call.arguments.text("bot") or call.user.bot_id
    for user in call.space.users.values():
        if user.bot_id == wanted:
            return {"bot": bot_view(call.space, user)}
    raise SlackError("bot_not_found")


@method("apps.connections.open")
async def open_connection(call: Call) -> Body:
    """A websocket address for Socket Mode.

    Slack wants an app-level token here. In the world one credential is the bot user and its app at once, so the same
    token opens both.
    """
    return {"url": call.backend.sockets.open(call.user, call.base_url)}
