"""The methods of the Web API, one family a module. Importing this package registers them all."""

from practicum.world.slack.methods import (
    auth,
    chat,
    conversations,
    files,
    history,
    membership,
    pins,
    reactions,
    scheduled,
    search,
    users,
)

__all__ = [
    "auth",
    "chat",
    "conversations",
    "files",
    "history",
    "membership",
    "pins",
    "reactions",
    "scheduled",
    "search",
    "users",
]
