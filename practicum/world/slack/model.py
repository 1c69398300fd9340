"""What a Slack workspace is made of. Plain state; nothing here knows of HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from practicum.bus.events import Json


@dataclass
class User:
    """A member of the workspace: a bot user (one for each credential) or a person from outside the team."""

    id: str
    login: str
    """Slack's `name` and display name; for an agent, the agent's name."""
    name: str
    email: str
    bot_id: str = ""
    """`B...`, empty for a person."""
    app_id: str = ""
    permissions: dict[str, str] | None = None
    """What the token may do, action to `read` or `write`; None for everything."""

    @property
    def is_bot(self) -> bool:
        return bool(self.bot_id)


@dataclass
class Reaction:
    """One emoji under a message, with the ids of those who chose it, in order."""

    name: str
    users: list[str] = field(default_factory=list)


@dataclass
class Message:
    """A message; its `ts` is its identity within the channel."""

    ts: str
    user: str
    text: str
    thread_ts: str = ""
    """The parent's `ts`, empty outside threads (a parent's own is worked out when it is shown)."""
    subtype: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: dict[str, Json] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    edited_by: str = ""
    edited_ts: str = ""
    broadcast: bool = False
    """A reply that is shown in the channel too."""
    extra: dict[str, Json] = field(default_factory=dict)
    """Fields that only one subtype has, such as the topic of `channel_topic`."""


@dataclass
class Pin:
    """A pinned message."""

    ts: str
    user: str
    created: int


@dataclass
class Channel:
    """A channel, a direct message or a group of people; `kind` says which."""

    id: str
    name: str
    creator: str
    created: int
    kind: str = "channel"
    """`channel`, `im` or `mpim`."""
    private: bool = False
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    purpose: str = ""
    purpose_by: str = ""
    purpose_at: int = 0
    archived: bool = False
    previous_names: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """By `ts`, in order of time."""
    pins: list[Pin] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Whether only members know that it exists."""
        return self.private or self.kind != "channel"

    def replies(self, ts: str) -> list[Message]:
        """The replies under a message, oldest first."""
        return [message for message in self.messages.values() if message.thread_ts == ts]


@dataclass
class File:
    """An uploaded file; the bytes are with `practicum.world.blobs`."""

    id: str
    name: str
    user: str
    created: int
    size: int
    title: str = ""
    mimetype: str = "application/octet-stream"
    alt_text: str = ""
    snippet_type: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel id to the `ts` of the messages that show it."""
    ready: bool = False
    """Set when the upload was completed; before that nobody else sees it."""


@dataclass
class ScheduledMessage:
    """A message that waits for its time."""

    id: str
    channel: str
    user: str
    post_at: int
    """Seconds since 1970."""
    message: Message
    date_created: int
