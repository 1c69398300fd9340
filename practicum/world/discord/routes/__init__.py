"""The routes of the REST API, one family a module. Importing this package registers them all."""

from practicum.world.discord.routes import (
    accounts,
    channels,
    commands,
    guilds,
    messages,
    pins,
    reactions,
    threads,
    webhooks,
)

__all__ = [
    "accounts",
    "channels",
    "commands",
    "guilds",
    "messages",
    "pins",
    "reactions",
    "threads",
    "webhooks",
]
