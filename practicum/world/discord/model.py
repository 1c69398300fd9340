"""What a Discord community is made of. Plain state; nothing here knows of HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from practicum.bus.events import Json

TEXT, DIRECT, CATEGORY, ANNOUNCEMENT, NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 4, 5, 10, 11, 12
"""Types of channels (discord.com/developers/docs/resources/channel)."""
THREADS = (NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)

DEFAULT, THREAD_CREATED, REPLY, PINNED, THREAD_STARTER = 0, 18, 19, 6, 21
"""Types of messages (discord.com/developers/docs/resources/message)."""


@dataclass
class User:
    """An account: a bot (one for each credential, its id is its application's too) or a person from outside."""

    id: str
    login: str
    name: str
    bot: bool
    role: str
    """Id of the role that holds what the account may do."""
    permissions: dict[str, str] | None = None
    """What the token may do, action to `read` or `write`; None for everything."""
    joined_at: str = ""


@dataclass
class Role:
    """A role; `permissions` is the bit set."""

    id: str
    name: str
    permissions: int
    position: int
    managed_by: str = ""
    """Id of the bot that the role belongs to."""


@dataclass
class Overwrite:
    """What a channel allows and denies one role (`kind` 0) or member (1)."""

    id: str
    kind: int
    allow: int
    deny: int


@dataclass
class Reaction:
    """One emoji under a message, with the ids of those who chose it, in order."""

    name: str
    id: str = ""
    """Of a custom emoji; empty for a Unicode one."""
    users: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """As it stands in an address: the character, or `name:id`."""
        return f"{self.name}:{self.id}" if self.id else self.name


@dataclass
class Attachment:
    """A file of a message; the bytes are with `practicum.world.discord.attachments`."""

    id: str
    filename: str
    size: int
    content_type: str
    key: str
    """The secret part of its address; whoever has the address may read it, as with Discord's signed links."""
    description: str = ""


@dataclass
class Message:
    """A message."""

    id: str
    channel: str
    author: str
    content: str
    timestamp: str
    kind: int = DEFAULT
    edited: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    reference: str = ""
    """Id of the message that it answers."""
    reference_channel: str = ""
    pinned_at: str = ""
    nonce: Json = None
    tts: bool = False
    flags: int = 0
    webhook: str = ""
    webhook_name: str = ""


@dataclass
class Channel:
    """A channel of the guild, a thread, or a direct message."""

    id: str
    name: str
    kind: int = TEXT
    topic: str = ""
    position: int = 0
    parent: str = ""
    """The category; for a thread, its channel."""
    nsfw: bool = False
    slowmode: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """By id, in order of time."""
    last_message: str = ""
    owner: str = ""
    """Of a thread."""
    members: list[str] = field(default_factory=list)
    """Of a thread or a direct message."""
    created: str = ""
    archived: bool = False
    archived_at: str = ""
    locked: bool = False
    auto_archive: int = 1440
    """Minutes."""
    sent: int = 0
    """Messages that were ever sent in a thread, its starter not counted."""

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS


@dataclass
class Webhook:
    """An address that posts into one channel without an account."""

    id: str
    channel: str
    name: str
    creator: str
    token: str
