"""Where installed plugins lie."""

from practicum.plugins.store.manifest import Grant, Installed, Manifest
from practicum.plugins.store.store import Store

__all__ = ["Grant", "Installed", "Manifest", "Store"]
