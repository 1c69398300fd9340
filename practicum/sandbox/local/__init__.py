"""The host itself, without isolation: only on explicit request, and said in every report."""

from __future__ import annotations

from practicum.sandbox.local.provider import LocalProvider

__all__ = ["LocalProvider"]
