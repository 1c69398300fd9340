"""Starting versions of plugins, and knowing every process that was started."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from practicum.api.plugin import Plugin
from practicum.api.sandbox import SandboxProvider
from practicum.clock import Clock
from practicum.errors import UsageError
from practicum.plugins.host.errors import PluginLoadError
from practicum.plugins.host.isolated import IsolatedHost
from practicum.plugins.host.limits import HostLimits
from practicum.plugins.host.protocol import PluginHost, Say, Secrets
from practicum.plugins.host.schedule import read_schedule
from practicum.plugins.host.slot import Serving
from practicum.plugins.host.trusted import TrustedHost
from practicum.plugins.store import Installed
from practicum.sandbox.detect import pick


@dataclass
class Starter:
    """What every host of a fleet is made with."""

    secrets: Secrets
    say: Say
    clock: Clock
    limits: HostLimits
    config: Mapping[str, Mapping[str, JsonValue]]
    """Plugin to configuration, on top of what stands in its manifest."""
    sandboxes: SandboxProvider | None = None
    _hosts: set[PluginHost] = field(default_factory=set)
    """Those that are not closed: what serves, what is drained, what is being loaded."""

    async def sandbox(self) -> SandboxProvider:
        """Where isolated plugins run: as given, else the strongest that is here.

        Raises:
            IsolationError: nothing here isolates.
        """
        if self.sandboxes is None:
            self.sandboxes = await pick()
        return self.sandboxes

    async def start(self, installed: Installed) -> Serving:
        """Load a version and see that it is well.

        Raises:
            PluginLoadError: it does not load or start, or is not.
            SandboxError: there is no sandbox to load it in.
        """
        host = await self._make(installed)
        self._hosts.add(host)
        try:
            loaded = await host.load(installed.with_config(self.config.get(installed.name, {})))
            for task in loaded.description.tasks:
                read_schedule(task.schedule)
            wrong = await host.health()
        except UsageError as error:
            wrong = error.message
        except BaseException:
            await self.end(host, at_once=True)
            raise
        if wrong:
            await self.end(host)
            raise PluginLoadError(installed.name, installed.version, f"is not healthy: {wrong}")
        return Serving(host, loaded)

    async def lend(self, installed: Installed, plugin: Plugin) -> Serving:
        """Start a plugin that somebody brought. Raises as `start`."""
        host = self._trusted()
        self._hosts.add(host)
        try:
            return Serving(host, await host.serve(installed, plugin))
        except BaseException:
            await self.end(host, at_once=True)
            raise

    def _trusted(self) -> TrustedHost:
        return TrustedHost(secrets=self.secrets, say=self.say, clock=self.clock, limits=self.limits)

    async def _make(self, installed: Installed) -> PluginHost:
        match installed.manifest.host:
            case "lent":
                raise PluginLoadError(installed.name, installed.version, "it was lent, and has to be lent again")
            case "trusted":
                return self._trusted()
        sandboxes = await self.sandbox()
        return IsolatedHost(sandboxes, secrets=self.secrets, say=self.say, clock=self.clock, limits=self.limits)

    async def end(self, host: PluginHost, *, at_once: bool = False) -> None:
        """Close a host."""
        await host.close(at_once=at_once)
        self._hosts.discard(host)  # when cancelled before, it stays to be closed with the fleet

    async def end_all(self) -> None:
        """Close every host that is not closed yet."""
        async with asyncio.TaskGroup() as group:
            for host in list(self._hosts):
                group.create_task(self.end(host))
