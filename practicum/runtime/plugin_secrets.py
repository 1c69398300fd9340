"""Secrets of plugins: which of them the vault has, and waiting until an operator has put one in.

A variable `WEATHER_TOKEN` of a plugin is kept as `plugin/weather_token`, apart from the keys of services: a plugin that
declares GITHUB_TOKEN does not get the key of GitHub by it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from practicum.proctor.vault import FileVault
from practicum.proctor.vault.layers import master_key
from practicum.proctor.vault.paths import vault_path
from practicum.proctor.vault.variables import variable_secret


class PluginSecrets:
    """The vault of this user, as plugins may use it. Reads it afresh at every question; blocks for that long."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._vault = FileVault(vault_path(environment), master_key(environment))

    @property
    def path(self) -> Path:
        """The vault's file."""
        return self._vault.path

    def has(self, variable: str) -> bool:
        """Whether it holds the secret of an environment variable. No value is read for it.

        Raises:
            VaultError: the vault cannot be opened.
        """
        name = variable_secret(variable)
        return any(entry.name == name for entry in self._vault.entries())

    def value(self, variable: str) -> str | None:
        """The secret itself, for the host of a plugin that declares the variable; None when there is none.

        Raises:
            VaultError: the vault cannot be opened.
        """
        secret = self._vault.get(variable_secret(variable))
        return secret.reveal() if secret is not None else None

    async def wait(self, variable: str) -> None:
        """Return when the vault holds the secret of a variable: at once, or when `practicum secrets set` put it there.

        The folder of the vault is watched (inotify), as the file itself is replaced at every change.
        """
        if await asyncio.to_thread(self.has, variable):
            return
        from watchfiles import awatch

        folder = self.path.parent
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        changes = awatch(folder, recursive=False, watch_filter=None, step=20, debounce=50)
        change = asyncio.ensure_future(anext(changes))
        try:
            await asyncio.sleep(0)  # its first step begins the watch: from here on nothing is missed
            while not await asyncio.to_thread(self.has, variable):
                await change
                change = asyncio.ensure_future(anext(changes))
        finally:
            change.cancel()
            await asyncio.gather(change, return_exceptions=True)
            await changes.aclose()
