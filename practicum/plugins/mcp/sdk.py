"""Whether the SDK is here."""

from __future__ import annotations

import importlib.util

from practicum.errors import MissingExtraError


def need_sdk(purpose: str) -> None:
    """Check that the official SDK can be imported, without importing it.

    Raises:
        MissingExtraError: it is not installed.
    """
    if importlib.util.find_spec("mcp") is None:
        raise MissingExtraError(purpose, "mcp")
