"""The plugins of a run, and the desk at which agents ask for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data
from practicum.errors import PracticumError
from practicum.plugins.host.errors import PluginUnavailableError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.host.granted import is_secret
from practicum.plugins.host.protocol import Loaded
from practicum.plugins.store import Store
from practicum.plugins.store.ranges import satisfies
from practicum.runtime.places import root
from practicum.runtime.plan import Plan
from practicum.runtime.plugin_answer import answered
from practicum.scenarios.schema.plugins import Plugin

Publish = Callable[[Data, str | None], Awaitable[str]]

FOLDER = "plugins"
"""Of the folder that holds all that Practicum keeps: where plugins are installed."""


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

    def __init__(
        self, fleet: Fleet | None, named: Mapping[str, str] | None = None, agents: Collection[str] = ()
    ) -> None:
        """`named`: plugin to the range of versions that the scenario takes.

        Without a fleet there are no plugins in this run, and the desk says so.
        """
        self.fleet = fleet
        self._named, self._agents = dict(named or {}), set(agents)
        there = fleet.store.names() if fleet is not None else []
        self._before = {} if fleet is None else {name: fleet.store.current(name) for name in there}

    async def open(self) -> list[str]:
        """Load what the scenario names and the store has. Returns why a plugin is not there, for those that are not.

        One that does not load is on record, too.
        """
        if self.fleet is None:
            return []
        there = {name: version for name, version in self._before.items() if name in self._named}
        failed = await self.fleet.open(name for name in there if self._fits(name))
        notes = [f"{error.message}" + (f" ({error.hint})" if error.hint else "") for error in failed.values()]
        for name, version in self._named.items():
            if name not in there:
                notes.append(f"the plugin {name} is not installed here: agents hear of it and cannot use it")
            elif not self._fits(name):
                notes.append(
                    f"the plugin {name} is installed as {there[name]}, the scenario wants {version}: not loaded"
                )
        return notes

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
        if name in self._named:
            return self._fits(name)
        return self.fleet.store.current(name) != self._before.get(name)

    def _fits(self, name: str) -> bool:
        """Whether the scenario takes the version that is installed."""
        assert self.fleet is not None
        return satisfies(self.fleet.store.current(name), self._named[name])

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
    plan: Plan,
    run: str,
    sandboxes: SandboxProvider,
    publish: Publish,
    *,
    values: Mapping[str, str],
    say: Callable[[str], None],
) -> AsyncIterator[PluginDesk]:
    """The desk of a run, with the plugins that its scenario names loaded.

    `values` are those of the variables that they declare; `say` is told which plugins are not there, and why.
    """
    named = _named(plan)
    if not named:
        yield PluginDesk(None)
        return

    async def told(data: Data) -> None:
        await publish(data, None)

    fleet = Fleet(
        Store(root() / FOLDER),
        publish=told,
        secrets=values.get,
        sandboxes=sandboxes,
        run=run,
        tasks=True,
        config={plugin.name: plugin.config for plugin in named},
    )
    async with fleet:
        wanted = {plugin.name: plugin.version for plugin in named}
        desk = PluginDesk(fleet, wanted, [agent.name for agent in plan.agents])
        for note in await desk.open():
            say(note)
        yield desk


def declared_variables(plan: Plan) -> dict[str, bool]:
    """The variables that were granted to the installed plugins which the scenario names: whether each is a secret."""
    found: dict[str, bool] = {}
    named, store = _named(plan), Store(root() / FOLDER)
    there = store.names() if named else []
    for plugin in named:
        if plugin.name in there:
            for variable in store.installed(plugin.name).manifest.allowed.environment:
                found[variable.name] = found.get(variable.name, False) or is_secret(variable)
    return found


def _named(plan: Plan) -> list[Plugin]:
    return [plugin for plugin in plan.loaded.scenario.plugins if plugin.enabled]
