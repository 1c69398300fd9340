"""The state of the workspace, and how things in it are found and named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from practicum.clock import Clock
from practicum.world.service import Credential
from practicum.world.slack.errors import SlackError
from practicum.world.slack.model import Channel, File, Message, User
from practicum.world.slack.timestamps import Timestamps

TEAM_NAME = "Practicum"
TEAM_DOMAIN = "practicum"
_BASE32 = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_CHANNEL_NAME = re.compile(r"^[\w-]{1,80}$")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def identifier(prefix: str, *parts: str) -> str:
    """An id of Slack's form, such as `U0A1B2C3D4E`: the same parts give the same id in every run."""
    digest = int.from_bytes(hashlib.sha256("\0".join((prefix, *parts)).encode()).digest()[:8])
    return prefix + "0" + "".join(_BASE32[digest >> shift & 31] for shift in range(0, 45, 5))


class Workspace:
    """Users, channels and files of one team."""

    def __init__(self, accounts: Iterable[Credential], clock: Clock) -> None:
        self.id = identifier("T", TEAM_DOMAIN)
        self.stamps = Timestamps(clock)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self._made = 0
        for account in accounts:
            self.add_bot(account)

    def add_bot(self, account: Credential) -> User:
        """The bot user of a credential. Several credentials of one login are one user; the first one's rights hold."""
        user = User(
            id=identifier("U", account.login),
            login=account.login,
            name=account.name,
            email=account.email,
            bot_id=identifier("B", account.login),
            app_id=identifier("A", account.login),
            permissions=account.permissions,
        )
        return self.users.setdefault(user.id, user)

    def add_person(self, login: str, name: str = "", email: str = "") -> User:
        """Somebody from outside the team of agents; the same one when the login is known already."""
        known = self.user_by_login(login)
        if known:
            return known
        user = User(identifier("U", login), login, name or login, email or f"{login}@outside.invalid")
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, creator: User, *, kind: str = "channel", private: bool = False) -> Channel:
        """A new, empty channel with its creator as only member.

        Raises:
            SlackError: `invalid_name*` or `name_taken` for a channel's name that cannot be.
        """
        if kind == "channel":
            self.check_name(name)
        prefix = {"channel": "C", "im": "D", "mpim": "C"}[kind]
        channel = Channel(
            self.new_id(prefix), name, creator.id, self.stamps.seconds(), kind, private, members=[creator.id]
        )
        self.channels[channel.id] = channel
        return channel

    def check_name(self, name: str) -> None:
        """Slack's rules for a channel's name.

        Raises:
            SlackError: `invalid_name_required`, `invalid_name_maxlength`, `invalid_name_specials`, `name_taken`.
        """
        if not name:
            raise SlackError("invalid_name_required")
        if len(name) > 80:
            raise SlackError("invalid_name_maxlength")
        if not _CHANNEL_NAME.match(name) or name != name.lower():
            raise SlackError("invalid_name_specials")
        if any(channel.name == name for channel in self.channels.values() if channel.kind == "channel"):
            raise SlackError("name_taken")

    def new_id(self, prefix: str) -> str:
        """The next id of a kind, in order of creation."""
        self._made += 1
        return identifier(prefix, TEAM_DOMAIN, str(self._made))

    def user_by_login(self, login: str) -> User | None:
        return next((user for user in self.users.values() if user.login == login), None)

    def user(self, id: str) -> User:
        """A user by id.

        Raises:
            SlackError: `user_not_found`.
        """
        if id not in self.users:
            raise SlackError("user_not_found")
        return self.users[id]

    def channel(self, reference: str, viewer: User) -> Channel:
        """A channel by id, `#name` or name, as `viewer` may see it.

        Raises:
            SlackError: `channel_not_found`, also for a hidden one that the viewer is not in.
        """
        if not reference:
            raise SlackError("channel_not_found")
        found = self.channels.get(reference) or self.channel_by_name(reference.removeprefix("#"))
        if found is None or (found.hidden and viewer.id not in found.members):
            raise SlackError("channel_not_found")
        return found

    def channel_by_name(self, name: str) -> Channel | None:
        return next((one for one in self.channels.values() if one.kind == "channel" and one.name == name), None)

    def direct(self, members: Iterable[User], opener: User) -> tuple[Channel, bool]:
        """The direct message (two people) or group (more) of exactly these, and whether it was there already."""
        everyone = sorted({opener.id, *(user.id for user in members)})
        kind = "im" if len(everyone) <= 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and sorted(channel.members) == everyone:
                return channel, True
        logins = "--".join(self.users[id].login for id in everyone)
        channel = self.add_channel(
            "" if kind == "im" else f"mpdm-{logins}-1", opener, kind=kind, private=kind == "mpim"
        )
        channel.members = [opener.id, *(id for id in everyone if id != opener.id)]
        return channel, False

    def message(self, channel: Channel, ts: str) -> Message:
        """A message by its `ts`.

        Raises:
            SlackError: `message_not_found`.
        """
        if ts not in channel.messages:
            raise SlackError("message_not_found")
        return channel.messages[ts]

    def login(self, id: str) -> str:
        """The login behind a user id; the id itself for one that is not here."""
        return self.users[id].login if id in self.users else id

    def label(self, channel: Channel) -> str:
        """What people call a channel: `#dev`, or `@dev-1,@pm` for a conversation without a name."""
        if channel.kind == "channel":
            return f"#{channel.name}"
        return ",".join(f"@{self.login(id)}" for id in channel.members)

    def mentioned(self, text: str) -> list[str]:
        """Logins of the users that a text mentions as `<@U...>`, each once, in order."""
        return list(dict.fromkeys(self.login(id) for id in _MENTION.findall(text)))

    def readable(self, text: str) -> str:
        """A text with `<@U...>` written as `@login`."""
        return _MENTION.sub(lambda match: f"@{self.login(match.group(1))}", text)


def may_see(space: Workspace, file: File, viewer: User) -> bool:
    """Whether a user owns a file, or it was shown where this user can look."""
    return file.user == viewer.id or any(
        viewer.id in channel.members or not channel.hidden
        for channel in (space.channels[id] for id in file.shares if id in space.channels)
    )
