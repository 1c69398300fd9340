"""What a plugin host is: where one version of one plugin runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from practicum.api.plugin import Check
from practicum.bus.events.base import Data
from practicum.plugins.host.description import Description
from practicum.plugins.store.manifest import HostKind, Installed

Secrets = Callable[[str], str | None]
"""A variable's value by its name; None when there is none."""

Publish = Callable[[Data], Awaitable[object]]
"""Puts an event on the bus."""

Say = Callable[[str, str], None]
"""Told what a plugin logs: its name, one line."""


NO_ANSWER = "it does not answer"
"""How a host's health begins when the plugin cannot even be asked."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version that serves calls."""

    installed: Installed
    description: Description
    host: HostKind

    @property
    def name(self) -> str:
        return self.installed.name

    @property
    def version(self) -> str:
        return self.installed.version


class PluginHost(Protocol):
    """One version of one plugin. `load` once, then calls at will and at once, then `close`."""

    async def load(self, installed: Installed) -> Loaded:
        """Load its code, start its services.

        Raises:
            PluginLoadError: it does not load or start, or declares more than it was granted.
            SandboxError: there is no sandbox to load it in.
        """
        ...

    async def call(
        self, action: str, args: dict[str, JsonValue], *, agent: str = "", run: str = "", timeout: float | None = None
    ) -> JsonValue:
        """Call an action; `timeout` in seconds, the host's own by default.

        Raises:
            PluginCallError: it failed; `kind` says how.
        """
        ...

    async def provide(self, name: str, *, agent: str = "", run: str = "") -> str:
        """What a provider says. Raises as `call`."""
        ...

    async def evaluate(self, name: str, value: JsonValue, *, agent: str = "", run: str = "") -> Check:
        """What an evaluator says of `value`. Raises as `call`."""
        ...

    async def run_task(self, name: str, *, run: str = "", timeout: float | None = None) -> None:
        """Do a task now. Raises as `call`."""
        ...

    async def health(self) -> str:
        """Empty when all is well, else what is wrong. Does not raise."""
        ...

    async def wait(self) -> str:
        """Wait until it serves no more though nobody closed it; why."""
        ...

    async def close(self, *, at_once: bool = False) -> None:
        """Stop its services, unless `at_once`, and end it; nothing of it is left when this returns. May be repeated."""
        ...
