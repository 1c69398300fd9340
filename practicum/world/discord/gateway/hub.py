"""All sessions, and which of them hear of an event."""

from __future__ import annotations

from collections.abc import Callable

from practicum.bus.events import Json
from practicum.world.discord.bits import Intent
from practicum.world.discord.community import Community
from practicum.world.discord.gateway.session import Session
from practicum.world.discord.model import DIRECT, Channel, User

Body = dict[str, Json]
Payload = Callable[[User], Body]
"""An event's data as one account sees it."""

SESSIONS_KEPT = 200
"""Sessions without a connection that can still be resumed; the oldest are dropped."""

_CONTENT = ("content", "embeds", "attachments", "components")


class Hub:
    """Sends events to every session that has the intent for them and may see their channel."""

    def __init__(self, place: Community) -> None:
        self.place = place
        self.sessions: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Take a session up, dropping the oldest that nobody holds."""
        self.sessions[session.id] = session
        idle = [one for one in self.sessions.values() if not one.connected and one is not session]
        for old in idle[: max(0, len(self.sessions) - SESSIONS_KEPT)]:
            del self.sessions[old.id]

    def dispatch(self, kind: str, intents: tuple[Intent, Intent | None], payload: Payload, channel: Channel) -> None:
        """Send an event about a channel; `intents` are the one for the guild and the one for direct messages."""
        needed = intents[1] if channel.kind == DIRECT else intents[0]
        for session in list(self.sessions.values()):
            if needed and needed & session.intents and self._here(session, channel):
                session.dispatch(kind, payload(session.user))

    def message(self, kind: str, payload: Payload, channel: Channel) -> None:
        """Send a message event; without the privileged intent its content is withheld, with Discord's exceptions."""
        needed = Intent.DIRECT_MESSAGES if channel.kind == DIRECT else Intent.GUILD_MESSAGES
        for session in list(self.sessions.values()):
            if needed & session.intents and self._here(session, channel):
                data = payload(session.user)
                if channel.kind != DIRECT:
                    data = data | {"guild_id": self.place.guild}
                    if not session.intents & Intent.MESSAGE_CONTENT and not concerns(session.user, data):
                        data = withhold(data)
                session.dispatch(kind, data)

    def _here(self, session: Session, channel: Channel) -> bool:
        if channel.kind == DIRECT:
            return session.shard[0] == 0 and session.user.id in channel.members
        index, count = session.shard
        return (int(self.place.guild) >> 22) % count == index and self.place.sees(session.user, channel)


def concerns(user: User, message: Body) -> bool:
    """Whether a message is the account's own or mentions it: then its content is always there."""
    author, mentions = message.get("author"), message.get("mentions")
    own = isinstance(author, dict) and author.get("id") == user.id
    named = isinstance(mentions, list) and any(isinstance(one, dict) and one.get("id") == user.id for one in mentions)
    return own or named


def withhold(message: Body) -> Body:
    """A message event without what the intent MESSAGE_CONTENT stands for."""
    empty: Body = {key: "" if key == "content" else [] for key in _CONTENT if key in message}
    answered = message.get("referenced_message")
    if isinstance(answered, dict):
        empty["referenced_message"] = withhold(answered)
    return message | empty
