"""Discord REST: route to action of the charter, and which channel it is about.

Source: discord.com/developers/docs/resources (channel, message, guild, user) and topics/gateway.
"""

from __future__ import annotations

from collections.abc import Iterable

from practicum.proctor.access import Access, Level
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

_LINES = """
GET    /gateway                                                     -
GET    /gateway/bot                                                 -
GET    /users/@me                                                   -
GET    /users/@me/guilds                                            read:read
GET    /users/{user_id}                                             read:read
POST   /users/@me/channels                                          post:write  act=direct.create
GET    /applications/@me                                            -
GET    /oauth2/applications/@me                                     -
GET    /guilds/{guild_id}                                           read:read
GET    /guilds/{guild_id}/channels                                  read:read
POST   /guilds/{guild_id}/channels                                  manage:write  act=channel.create body
GET    /guilds/{guild_id}/members                                   read:read
GET    /guilds/{guild_id}/members/{user_id}                         read:read
GET    /guilds/{guild_id}/members/search                            read:read
GET    /guilds/{guild_id}/roles/{role_id}                           read:read
GET    /guilds/{guild_id}/roles                                     read:read
GET    /guilds/{guild_id}/threads/active                            read:read
GET    /channels/{channel_id}                                       read:read
PATCH  /channels/{channel_id}                                       manage:write
DELETE /channels/{channel_id}                                       manage:write  act=channel.delete
GET    /channels/{channel_id}/messages                              read:read
GET    /channels/{channel_id}/messages/{message_id}                 read:read
POST   /channels/{channel_id}/messages                              post:write
PATCH  /channels/{channel_id}/messages/{message_id}                 edit:write
DELETE /channels/{channel_id}/messages/{message_id}                 delete:write
POST   /channels/{channel_id}/messages/bulk-delete                  manage:write
POST   /channels/{channel_id}/typing                                post:write
GET    /channels/{channel_id}/messages/{message_id}/reactions/{emoji}           read:read
PUT    /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me       react:write
DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me       react:write
DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}  manage:write
DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}           manage:write
DELETE /channels/{channel_id}/messages/{message_id}/reactions                   manage:write
GET    /channels/{channel_id}/threads/archived/public               read:read
GET    /channels/{channel_id}/threads/archived/private              read:read
GET    /channels/{channel_id}/thread-members                        read:read
PUT    /channels/{channel_id}/thread-members/@me                    read:read
DELETE /channels/{channel_id}/thread-members/@me                    read:read
GET    /channels/{channel_id}/pins                                  read:read
GET    /channels/{channel_id}/messages/pins                         read:read
PUT    /channels/{channel_id}/pins/{message_id}                     manage:write
DELETE /channels/{channel_id}/pins/{message_id}                     manage:write
PUT    /channels/{channel_id}/messages/pins/{message_id}            manage:write
DELETE /channels/{channel_id}/messages/pins/{message_id}            manage:write
POST   /channels/{channel_id}/messages/{message_id}/threads         post:write
POST   /channels/{channel_id}/threads                               post:write
"""


def _routes() -> Iterable[Route]:
    for line in _LINES.split("\n"):
        if words := line.split():
            method, template, needs, *flags = words
            permission, _, level = needs.partition(":")
            held: Level = "write" if level == "write" else "read"
            act = next((flag[4:] for flag in flags if flag.startswith("act=")), "")
            yield Route(method, template, permission.strip("-"), held, act, reads_body="body" in flags)


ROUTES: tuple[Route, ...] = tuple(_routes())
TABLE = Table("discord", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with the channel's id as resource (a new channel's name). None for an unknown route."""
    found = match(parts)
    if found is None:
        return None
    resource = found.values.get("channel_id", "")
    if found.route.act == "channel.create":
        resource = parts.text("name") or "*"
    elif found.route.act == "direct.create":
        resource = "*"
    return TABLE.access(found, resource)
