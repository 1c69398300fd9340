"""What each route needs: the table from `METHOD /template` to action.

Written from Discord's documentation and independent of the proctor's table; a test of the world holds the two together.
The finer question, what an account may do in one channel, is answered by `practicum.world.discord.community`.
"""

from __future__ import annotations

from practicum.world.discord.errors import missing_permissions
from practicum.world.discord.model import User

_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"

ROUTES: dict[str, str] = {
    "GET /users/@me": "",
    "GET /users/{user_id}": "read",
    "GET /users/@me/guilds": "read",
    "POST /users/@me/channels": "post",
    "GET /gateway": "",
    "GET /gateway/bot": "",
    "GET /oauth2/applications/@me": "",
    "GET /applications/@me": "",
    "GET /guilds/{guild_id}": "read",
    "GET /guilds/{guild_id}/channels": "read",
    "POST /guilds/{guild_id}/channels": "manage",
    "GET /guilds/{guild_id}/members": "read",
    "GET /guilds/{guild_id}/members/search": "read",
    "GET /guilds/{guild_id}/members/{user_id}": "read",
    "GET /guilds/{guild_id}/roles": "read",
    "GET /guilds/{guild_id}/roles/{role_id}": "read",
    "GET /guilds/{guild_id}/threads/active": "read",
    "GET /guilds/{guild_id}/webhooks": "manage",
    "GET /channels/{channel_id}": "read",
    "PATCH /channels/{channel_id}": "manage",
    "DELETE /channels/{channel_id}": "manage",
    "POST /channels/{channel_id}/typing": "post",
    "GET /channels/{channel_id}/messages": "read",
    "POST /channels/{channel_id}/messages": "post",
    "POST /channels/{channel_id}/messages/bulk-delete": "manage",
    f"GET {_MESSAGE}": "read",
    f"PATCH {_MESSAGE}": "edit",
    f"DELETE {_MESSAGE}": "delete",
    f"GET {_MESSAGE}/reactions/{{emoji}}": "read",
    f"PUT {_MESSAGE}/reactions/{{emoji}}/@me": "react",
    f"DELETE {_MESSAGE}/reactions/{{emoji}}/@me": "react",
    f"DELETE {_MESSAGE}/reactions/{{emoji}}/{{user_id}}": "manage",
    f"DELETE {_MESSAGE}/reactions/{{emoji}}": "manage",
    f"DELETE {_MESSAGE}/reactions": "manage",
    "GET /channels/{channel_id}/messages/pins": "read",
    "PUT /channels/{channel_id}/messages/pins/{message_id}": "manage",
    "DELETE /channels/{channel_id}/messages/pins/{message_id}": "manage",
    "GET /channels/{channel_id}/pins": "read",
    "PUT /channels/{channel_id}/pins/{message_id}": "manage",
    "DELETE /channels/{channel_id}/pins/{message_id}": "manage",
    f"POST {_MESSAGE}/threads": "post",
    "POST /channels/{channel_id}/threads": "post",
    "GET /channels/{channel_id}/threads/archived/public": "read",
    "GET /channels/{channel_id}/threads/archived/private": "read",
    "GET /channels/{channel_id}/thread-members": "read",
    "PUT /channels/{channel_id}/thread-members/@me": "read",
    "DELETE /channels/{channel_id}/thread-members/@me": "read",
    "GET /channels/{channel_id}/webhooks": "manage",
    "POST /channels/{channel_id}/webhooks": "manage",
    "GET /webhooks/{webhook_id}": "manage",
    "DELETE /webhooks/{webhook_id}": "manage",
    f"GET {_COMMANDS}": "read",
    f"PUT {_COMMANDS}": "manage",
    f"POST {_COMMANDS}": "manage",
    f"GET {_COMMANDS}/{{command_id}}": "read",
    f"DELETE {_COMMANDS}/{{command_id}}": "manage",
    f"GET {_GUILD_COMMANDS}": "read",
    f"PUT {_GUILD_COMMANDS}": "manage",
    f"POST {_GUILD_COMMANDS}": "manage",
    f"GET {_GUILD_COMMANDS}/{{command_id}}": "read",
    f"DELETE {_GUILD_COMMANDS}/{{command_id}}": "manage",
}
"""Route to action: read, post, react, edit, delete, files or manage; empty for what every valid token may.

Files are sent with messages, so `files` shows only in the account's bits (ATTACH_FILES).
"""


def check(user: User, route: str) -> None:
    """Let a call pass, or not: reading asks for `read` or `write`, the rest for `write`.

    Raises:
        DiscordError: 50013.
    """
    action = ROUTES[route]
    if not action or user.permissions is None:
        return
    granted = user.permissions.get(action, "")
    if granted != "write" and not (action == "read" and granted == "read"):
        raise missing_permissions()
