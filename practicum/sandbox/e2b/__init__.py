"""Virtual machines of E2B, on machines of others."""

from practicum.sandbox.e2b.provider import E2BProvider

__all__ = ["E2BProvider"]
