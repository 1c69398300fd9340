"""The state: one guild, its accounts, roles, channels and messages, and who may do what where."""

from __future__ import annotations

import re
from collections.abc import Iterable

from practicum.clock import Clock
from practicum.world.discord.bits import ALL, Permission, permissions_of
from practicum.world.discord.errors import missing_access, missing_permissions, unknown
from practicum.world.discord.model import DIRECT, PRIVATE_THREAD, TEXT, Channel, Message, Overwrite, Role, User, Webhook
from practicum.world.discord.snowflakes import Snowflakes, created_at, fixed
from practicum.world.service import Credential

GUILD_NAME = "Practicum"
USER_MENTION = re.compile(r"<@!?(\d+)>")
ROLE_MENTION = re.compile(r"<@&(\d+)>")
CHANNEL_MENTION = re.compile(r"<#(\d+)>")


class Community:
    """One guild and everything in it."""

    def __init__(self, accounts: Iterable[Credential], clock: Clock) -> None:
        self.ids = Snowflakes(clock)
        self.guild = fixed("guild", GUILD_NAME)
        self.name = GUILD_NAME
        self.roles: dict[str, Role] = {self.guild: Role(self.guild, "@everyone", 0, 0)}
        self.people_role = Role(fixed("role", "people"), "people", int(ALL & ~Permission.MANAGE_CHANNELS), 1)
        self.roles[self.people_role.id] = self.people_role
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.owner = self.add_person("owner", "Guild owner").id
        for account in accounts:
            self.add_bot(account)

    def add_bot(self, account: Credential) -> User:
        """The bot of a credential, with a role of its own that holds its rights, as Discord's integrations have."""
        known = self.user_by_login(account.login)
        if known:
            return known
        id = fixed("user", account.login)
        role = Role(
            fixed("role", account.login), account.login, permissions_of(account.permissions), len(self.roles), id
        )
        self.roles[role.id] = role
        user = User(id, account.login, account.name, True, role.id, account.permissions, created_at(self.guild))
        self.users[id] = user
        return user

    def add_person(self, login: str, name: str = "") -> User:
        """Somebody from outside the team of agents; the same one when the login is known already."""
        known = self.user_by_login(login)
        if known:
            return known
        id = fixed("user", login)
        user = User(id, login, name or login, False, self.people_role.id, None, created_at(self.guild))
        self.users[id] = user
        return user

    def add_channel(self, name: str, kind: int = TEXT) -> Channel:
        """A new channel of the guild, at the end of its list."""
        id = self.ids.next()
        position = sum(1 for channel in self.channels.values() if not channel.is_thread and channel.kind != DIRECT)
        channel = Channel(id, name, kind, position=position, created=self.ids.now())
        self.channels[id] = channel
        return channel

    def user_by_login(self, login: str) -> User | None:
        return next((user for user in self.users.values() if user.login == login), None)

    def channel_by_name(self, name: str) -> Channel | None:
        """The guild's channel (no thread, no direct message) of a name."""
        return next(
            (one for one in self.channels.values() if one.name == name and not one.is_thread and one.kind != DIRECT),
            None,
        )

    def channel(self, id: str, viewer: User) -> Channel:
        """A channel that `viewer` may see.

        Raises:
            DiscordError: 10003 when there is none, 50001 when it is not for this account.
        """
        channel = self.channels.get(id)
        if channel is None:
            raise unknown("Channel")
        if not self.sees(viewer, channel):
            raise missing_access()
        return channel

    def message(self, channel: Channel, id: str) -> Message:
        """A message by id.

        Raises:
            DiscordError: 10008.
        """
        if id not in channel.messages:
            raise unknown("Message")
        return channel.messages[id]

    def sees(self, user: User, channel: Channel) -> bool:
        """Whether an account may look into a channel."""
        if channel.kind == DIRECT:
            return user.id in channel.members
        may_view = bool(self.permissions(user, channel) & Permission.VIEW_CHANNEL)
        if channel.kind == PRIVATE_THREAD:
            return may_view and (user.id in channel.members or self.can(user, channel, Permission.MANAGE_THREADS))
        return may_view

    def can(self, user: User, channel: Channel, needed: Permission) -> bool:
        """Whether an account has every bit of `needed` in a channel."""
        if channel.kind == DIRECT:
            return not needed & (Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS)
        return self.permissions(user, channel) & needed == needed

    def demand(self, user: User, channel: Channel, needed: Permission) -> None:
        """Like `can`.

        Raises:
            DiscordError: 50013.
        """
        if not self.can(user, channel, needed):
            raise missing_permissions()

    def permissions(self, user: User, channel: Channel | None = None) -> int:
        """An account's bits in the guild, or in a channel with its overwrites; a thread has its channel's.

        The order is Discord's (topics/permissions#permission-overwrites): the base, then what the channel says of
        @everyone, of the roles, of the member.
        """
        bits = int(ALL) if user.id == self.owner else self.roles[self.guild].permissions
        if user.id == self.owner:
            return bits | Permission.ADMINISTRATOR
        bits |= self.roles[user.role].permissions
        if channel is None:
            return bits
        if channel.is_thread:
            channel = self.channels.get(channel.parent, channel)
        for id, kind in ((self.guild, 0), (user.role, 0), (user.id, 1)):
            for overwrite in channel.overwrites:
                if (overwrite.id, overwrite.kind) == (id, kind):
                    bits = bits & ~overwrite.deny | overwrite.allow
        return bits

    def hide(self, channel: Channel, members: Iterable[User]) -> None:
        """Make a channel private: nobody sees it but `members`."""
        view = int(Permission.VIEW_CHANNEL)
        channel.overwrites = [
            Overwrite(self.guild, 0, 0, view),
            *(Overwrite(user.id, 1, view, 0) for user in members),
        ]

    def direct(self, one: User, other: User) -> Channel:
        """The direct message of two accounts, made when it is not there yet."""
        for channel in self.channels.values():
            if channel.kind == DIRECT and set(channel.members) == {one.id, other.id}:
                return channel
        id = self.ids.next()
        self.channels[id] = Channel(id, "", DIRECT, members=[one.id, other.id], created=self.ids.now())
        return self.channels[id]

    def label(self, channel: Channel) -> str:
        """What people call a channel: `#dev`, `#dev/thread`, or `@dev-1,@pm` for a direct message."""
        if channel.kind == DIRECT:
            return ",".join(f"@{self.users[id].login}" for id in channel.members)
        if channel.is_thread:
            parent = self.channels.get(channel.parent)
            return f"#{parent.name if parent else channel.parent}/{channel.name}"
        return f"#{channel.name}"

    def readable(self, text: str) -> str:
        """A text with `<@id>` and `<#id>` written as `@login` and `#channel`."""

        def user(match: re.Match[str]) -> str:
            found = self.users.get(match.group(1))
            return f"@{found.login}" if found else match.group(0)

        def channel(match: re.Match[str]) -> str:
            found = self.channels.get(match.group(1))
            return f"#{found.name}" if found else match.group(0)

        return CHANNEL_MENTION.sub(channel, USER_MENTION.sub(user, text))
