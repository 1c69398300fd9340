"""The plugins of a run, and the desk at which agents ask for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, JsonValue

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data
from practicum.errors import PracticumError
from practicum.plugins.host.errors import PluginUnavailableError
from practicum.plugins.host.fleet import Fleet, no_secrets
from practicum.plugins.host.protocol import Loaded, Secrets
from practicum.plugins.store import Store
from practicum.runtime.places import root
from practicum.runtime.plan import Plan
from practicum.runtime.plugin_answer import answered

Publish = Callable[[Data, str | None], Awaitable[str]]

FOLDER = "plugins"
"""Of the folder that holds all that Practicum keeps: where plugins are installed."""

_log = structlog.get_logger()


class _Asked(BaseModel):
    """What an agent asks."""

    model_config = ConfigDict(extra="forbid")

    do: str
    plugin: str = ""
    action: str = ""
    args: dict[str, JsonValue] = {}


class PluginDesk:
    """Answers `ask launcher plugin`. The asker's name comes from the subject, which the broker has checked.

    A team may use the plugins that its scenario names, and whatever is installed while it runs. What lay in the store
    before and is not named stays out of it, so that a run does not depend on what else a user has installed.
    """

    def __init__(self, fleet: Fleet | None, named: Collection[str] = (), agents: Collection[str] = ()) -> None:
        """Without a fleet there are no plugins in this run, and the desk says so."""
        self.fleet = fleet
        self._named, self._agents = set(named), set(agents)
        there = fleet.store.names() if fleet is not None else []
        self._before = {} if fleet is None else {name: fleet.store.current(name) for name in there}

    async def open(self) -> None:
        """Load what the scenario names and the store has; one that does not load is on record and not there."""
        if self.fleet is not None:
            failed = await self.fleet.open(self._named & set(self._before))
            for name, error in failed.items():
                _log.warning("plugin not loaded", plugin=name, error=error.message)

    async def answer(self, source: str, body: bytes) -> bytes:
        """`{"do": "list"}` or `{"do": "call", "plugin", "action", "args"}` -> `{"result"}` or `{"error"}`."""
        return await answered(_Asked, body, lambda asked: self._answer(source, asked))

    async def _answer(self, source: str, asked: _Asked) -> Any:
        if source not in self._agents or self.fleet is None:
            raise PluginUnavailableError("there are no plugins in this run", hint="the scenario's `plugins` names them")
        self.fleet.follow(self._wanted)
        match asked.do:
            case "list":
                return [await self._shown(loaded, source) for loaded in self.fleet.loaded()]
            case "call":
                return await self.fleet.call(asked.plugin, asked.action, asked.args, agent=source)
            case _:
                raise PluginUnavailableError(f"{asked.do!r} cannot be asked of plugins", hint="list, call")

    def _wanted(self, name: str) -> bool:
        assert self.fleet is not None
        return name in self._named or self.fleet.store.current(name) != self._before.get(name)

    async def _shown(self, loaded: Loaded, agent: str) -> dict[str, Any]:
        assert self.fleet is not None
        said: dict[str, str] = {}
        for provider in loaded.description.providers:
            try:
                said[provider.name] = await self.fleet.provide(loaded.name, provider.name, agent=agent)
            except PracticumError as error:
                said[provider.name] = f"[{error.message}]"
        return {
            "name": loaded.name,
            "version": loaded.version,
            "description": loaded.description.description,
            "actions": [action.model_dump(mode="json") for action in loaded.description.actions],
            "context": said,
        }

    async def close(self) -> None:
        """End the plugins; later questions are told so."""
        fleet, self.fleet = self.fleet, None
        if fleet is not None:
            await fleet.close()


@asynccontextmanager
async def plugin_desk(
    plan: Plan, run: str, sandboxes: SandboxProvider, publish: Publish, *, secrets: Secrets = no_secrets
) -> AsyncIterator[PluginDesk]:
    """The desk of a run, with the plugins that its scenario names loaded. `secrets` has their variables' values."""
    named = [plugin for plugin in plan.loaded.scenario.plugins if plugin.enabled]
    if not named:
        yield PluginDesk(None)
        return

    async def told(data: Data) -> None:
        await publish(data, None)

    fleet = Fleet(
        Store(root() / FOLDER),
        publish=told,
        secrets=secrets,
        sandboxes=sandboxes,
        run=run,
        tasks=True,
        config={plugin.name: plugin.config for plugin in named},
    )
    async with fleet:
        desk = PluginDesk(fleet, [plugin.name for plugin in named], [agent.name for agent in plan.agents])
        await desk.open()
        yield desk
