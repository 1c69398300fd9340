"""What goes wrong with a plugin that is loaded, or is to be."""

from __future__ import annotations

from typing import Literal

from practicum.errors import PracticumError, UsageError

Kind = Literal["unknown", "arguments", "failed", "broken", "timeout", "too_large", "gone", "down"]
"""`unknown`: it has no such component. `arguments`: they do not fit the schema. `failed`: it said so itself, honestly.
`broken`: its code raised something else, or gave back what it must not. `timeout`, `too_large`: beyond the limits.
`gone`: its process ended before it answered, so nobody knows how far it came. `down`: it never got the call."""


class PluginCallError(PracticumError):
    """A call of a plugin came to nothing. The plugin goes on."""

    def __init__(self, kind: Kind, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind: Kind = kind


class PluginLoadError(PracticumError):
    """A version of a plugin cannot serve: it does not load, does not start, or is not what it declares."""

    def __init__(self, plugin: str, version: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{plugin} {version}: {reason}", hint=hint)
        self.plugin, self.version, self.reason = plugin, version, reason


class PluginUnavailableError(UsageError):
    """No plugin of that name serves calls here."""
