"""A plugin that is an object here already, as one that could have been installed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from practicum.api.plugin import Plugin
from practicum.errors import UsageError
from practicum.plugins.host.description import Declared
from practicum.plugins.store import Grant, Installed, Manifest


def lent(plugin: Plugin, nowhere: Path) -> Installed:
    """What a fleet notes of it. Whoever lends a plugin grants it what it declares. `nowhere` need not be there.

    Raises:
        UsageError: its name or version is none.
    """
    grant = Grant(
        capabilities=plugin.capabilities,
        hosts=plugin.hosts,
        environment=tuple(Declared(**asdict(item)) for item in plugin.environment),
    )
    try:
        manifest = Manifest(
            name=plugin.name,
            version=plugin.version,
            digest="",
            wheel="",
            host="lent",
            grant=grant,
            installed=datetime.now(UTC),
        )
    except ValidationError as error:
        raise UsageError(f"{plugin.name!r} cannot be lent: {error.errors()[0]['msg']}") from error
    return Installed(nowhere, manifest, nowhere / "data")
