"""Discord's bit sets: permissions, and the intents of a gateway connection."""

from __future__ import annotations

from enum import IntFlag


class Permission(IntFlag):
    """Those that the world knows of discord.com/developers/docs/topics/permissions (bitwise permission flags)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
POST = (
    Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.MENTION_EVERYONE
)
REACT = Permission.ADD_REACTIONS | Permission.USE_EXTERNAL_EMOJIS
FILES = Permission.ATTACH_FILES
MANAGE = (
    Permission.MANAGE_CHANNELS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_WEBHOOKS
    | Permission.MANAGE_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.PIN_MESSAGES
)
ALL = READ | POST | REACT | FILES | MANAGE | Permission.CHANGE_NICKNAME | Permission.USE_APPLICATION_COMMANDS


def permissions_of(granted: dict[str, str] | None) -> int:
    """The bits of a credential's actions; None grants all but administration."""
    if granted is None:
        return int(ALL)
    bits = Permission(0)
    for action, needed in (("read", READ), ("post", POST), ("react", REACT), ("files", FILES), ("manage", MANAGE)):
        if granted.get(action) == "write" or (action == "read" and granted.get(action) == "read"):
            bits |= needed
    return int(bits)


class Intent(IntFlag):
    """discord.com/developers/docs/events/gateway#gateway-intents"""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_WEBHOOKS = 1 << 5
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


KNOWN_INTENTS = (1 << 26) - 1 & ~(1 << 22 | 1 << 23 | 1 << 17 | 1 << 18 | 1 << 19)
"""Every bit that Discord has given a meaning; others close the connection with 4013."""
