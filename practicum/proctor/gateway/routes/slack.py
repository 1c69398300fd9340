"""Slack Web API: method to action of the charter, and which channel it is about.

Source: api.slack.com/methods, one page a method. Methods that reach beyond named channels (search, admin) are not here.
"""

from __future__ import annotations

from collections.abc import Iterable

from practicum.proctor.access import Access, Level
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

_ACTIONS: dict[str, tuple[Level, str]] = {
    "": ("read", "api.test auth.test"),
    "read": ("read", "conversations.info conversations.history conversations.replies conversations.members "
             "conversations.mark conversations.join conversations.leave reactions.get pins.list bookmarks.list "
             "chat.getPermalink chat.scheduledMessages.list files.list"),
    "post": ("write", "chat.postMessage chat.postEphemeral chat.meMessage chat.scheduleMessage "
             "chat.deleteScheduledMessage conversations.open"),
    "react": ("write", "reactions.add reactions.remove"),
    "edit": ("write", "chat.update"),
    "delete": ("write", "chat.delete"),
    "files": ("write", "files.getUploadURLExternal files.completeUploadExternal files.delete"),
    "manage": ("write", "conversations.invite conversations.kick conversations.setTopic conversations.setPurpose "
               "conversations.rename conversations.archive conversations.unarchive pins.add pins.remove "
               "bookmarks.add bookmarks.edit bookmarks.remove"),
}  # fmt: skip
"""Action of the charter to level and methods that name the channel they are about."""

_READS_UNBOUND = (
    "apps.connections.open bots.info conversations.list emoji.list files.info team.info users.conversations "
    "users.getPresence users.info users.list users.lookupByEmail users.profile.get"
)
"""Reads of what is not in any channel: people, the workspace, the list of channels."""
_READS_ALL = "search.messages reactions.list"
"""Reads that reach into every channel: only a lease for all channels allows them."""
_CREATES = "conversations.create"
_UNBOUND = frozenset({"files.getUploadURLExternal", "files.delete", *_READS_UNBOUND.split()})
"""Methods whose channel is not among their arguments; a file is shared by completeUploadExternal, which names one."""


def _routes() -> Iterable[Route]:
    for action, (level, methods) in _ACTIONS.items():
        for method in methods.split():
            for verb in ("POST", "GET"):
                yield Route(verb, "/" + method, action, level, reads_body=True)
    for method in (_READS_UNBOUND + " " + _READS_ALL).split():
        for verb in ("POST", "GET"):
            yield Route(verb, "/" + method, "read", "read", reads_body=True)
    for verb in ("POST", "GET"):
        yield Route(verb, "/" + _CREATES, "manage", "write", act="channel.create", reads_body=True)


ROUTES: tuple[Route, ...] = tuple(_routes())
TABLE = Table("slack", ROUTES)


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for, with the channel as it was written: an id or a name. None for an unknown method.

    A call that names several channels, or that must name one and does not, asks for all of them (`*`).
    """
    found = match(parts)
    if found is None:
        return None
    method = parts.segments[0]
    channel = "*" if method in _READS_ALL.split() else channel_of(parts)
    if method == _CREATES:
        channel = parts.text("name")
    if not channel and found.route.permission and method not in _UNBOUND:
        channel = "*"
    return TABLE.access(found, channel.removeprefix("#"))


def channel_of(parts: Parts) -> str:
    """The channel argument of a call; empty where it has none, `*` where it names several."""
    for name in ("channel", "channel_id", "channels"):
        if value := parts.text(name):
            return "*" if "," in value else value
    return ""
