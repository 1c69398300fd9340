"""The host itself: limits for each process, and no isolation. Only for whoever asks for it by name."""

from practicum.sandbox.local.provider import LocalProvider

__all__ = ["LocalProvider"]
