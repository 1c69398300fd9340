"""What an answer cost."""

from __future__ import annotations

from practicum.api.model import ModelUsage


def priced(vendor: str, model: str, usage: ModelUsage) -> ModelUsage:
    """`usage` with its cost in US dollars by the vendor's list prices."""
    return usage
