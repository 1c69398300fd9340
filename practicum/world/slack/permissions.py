"""What each Web API method needs: the table from method to action, and Slack's scopes for the refusal.

Written from Slack's method pages and independent of the proctor's table; a test of the world holds the two together.
"""

from __future__ import annotations

from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import User

ROUTES: dict[str, str] = {
    "api.test": "",
    "auth.test": "",
    "apps.connections.open": "read",
    "bots.info": "read",
    "chat.delete": "delete",
    "chat.deleteScheduledMessage": "post",
    "chat.getPermalink": "read",
    "chat.meMessage": "post",
    "chat.postEphemeral": "post",
    "chat.postMessage": "post",
    "chat.scheduleMessage": "post",
    "chat.scheduledMessages.list": "read",
    "chat.update": "edit",
    "conversations.archive": "manage",
    "conversations.create": "manage",
    "conversations.history": "read",
    "conversations.info": "read",
    "conversations.invite": "manage",
    "conversations.join": "read",
    "conversations.kick": "manage",
    "conversations.leave": "read",
    "conversations.list": "read",
    "conversations.mark": "read",
    "conversations.members": "read",
    "conversations.open": "post",
    "conversations.rename": "manage",
    "conversations.replies": "read",
    "conversations.setPurpose": "manage",
    "conversations.setTopic": "manage",
    "conversations.unarchive": "manage",
    "files.completeUploadExternal": "files",
    "files.delete": "files",
    "files.getUploadURLExternal": "files",
    "files.info": "read",
    "files.list": "read",
    "pins.add": "manage",
    "pins.list": "read",
    "pins.remove": "manage",
    "reactions.add": "react",
    "reactions.get": "read",
    "reactions.list": "read",
    "reactions.remove": "react",
    "search.messages": "read",
    "team.info": "read",
    "users.conversations": "read",
    "users.getPresence": "read",
    "users.info": "read",
    "users.list": "read",
    "users.lookupByEmail": "read",
    "users.profile.get": "read",
}
"""Method to action: read, post, react, edit, delete, files or manage; empty for what every valid token may."""

_SCOPES = {
    "read": ("channels:read", "channels:history", "groups:history", "users:read", "files:read", "reactions:read"),
    "post": ("chat:write",),
    "edit": ("chat:write",),
    "delete": ("chat:write",),
    "react": ("reactions:write",),
    "files": ("files:write",),
    "manage": ("channels:manage", "groups:write", "pins:write"),
}
_NEEDED = {
    "apps.connections.open": "connections:write",
    "bots.info": "users:read",
    "conversations.history": "channels:history",
    "conversations.join": "channels:join",
    "conversations.leave": "channels:join",
    "conversations.open": "im:write",
    "conversations.replies": "channels:history",
    "files.info": "files:read",
    "files.list": "files:read",
    "pins.add": "pins:write",
    "pins.list": "pins:read",
    "pins.remove": "pins:write",
    "reactions.get": "reactions:read",
    "reactions.list": "reactions:read",
    "search.messages": "search:read",
    "team.info": "team:read",
    "users.getPresence": "users:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "users.profile.get": "users.profile:read",
}


def may(user: User, action: str) -> bool:
    """Whether a user's token allows an action: reading asks for `read` or `write`, the rest for `write`."""
    if not action or user.permissions is None:
        return True
    granted = user.permissions.get(action, "")
    return granted in ("read", "write") if action == "read" else granted == "write"


def scopes(user: User) -> str:
    """The OAuth scopes of a user's token, as `provided` and the `X-OAuth-Scopes` header list them."""
    granted = [scope for action, names in _SCOPES.items() if may(user, action) for scope in names]
    return ",".join(dict.fromkeys(granted))


def check(user: User, method: str) -> None:
    """Let a call pass, or not.

    Raises:
        SlackError: `missing_scope` with `needed` and `provided`.
    """
    action = ROUTES[method]
    if not may(user, action):
        needed = _NEEDED.get(method) or _SCOPES[action][0]
        raise SlackError("missing_scope", fields={"needed": needed, "provided": scopes(user)})
