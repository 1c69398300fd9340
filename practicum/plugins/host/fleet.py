"""The plugins of a run or a session: installed, called, swapped and taken back while calls go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import structlog
from pydantic import JsonValue

from practicum.api.plugin import Check, Plugin
from practicum.api.sandbox import SandboxProvider
from practicum.bus.events.plugin import PluginInstalled, PluginRemoved, PluginReverted
from practicum.clock import Clock, WallClock
from practicum.errors import PracticumError, UsageError
from practicum.plugins.host.description import Description
from practicum.plugins.host.errors import PluginCallError, PluginLoadError, PluginUnavailableError
from practicum.plugins.host.keeping import Keeping
from practicum.plugins.host.lending import lent
from practicum.plugins.host.limits import Care, HostLimits
from practicum.plugins.host.protocol import Loaded, PluginHost, Publish, Secrets
from practicum.plugins.host.slot import Slot
from practicum.plugins.host.starting import Starter
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Grant, Installed, Store
from practicum.plugins.store.manifest import HostKind

T = TypeVar("T")
_log = structlog.get_logger()


def no_secrets(name: str) -> str | None:
    """Secrets where there are none."""
    return None


async def unheard(data: object) -> None:
    """Events where nobody listens."""


def log_line(plugin: str, line: str) -> None:
    """What plugins log goes to our log."""
    _log.info("plugin says", plugin=plugin, line=line)


class Fleet:
    """Plugins that are loaded, by name. An async context manager: all of them are closed at its end.

    A new version is started, described and found healthy before the one that serves is let go of; calls that are under
    way there are answered there, later ones by the new one. Whatever a version fails at, the version before goes on.
    """

    def __init__(
        self,
        store: Store,
        *,
        publish: Publish = unheard,
        secrets: Secrets = no_secrets,
        sandboxes: SandboxProvider | None = None,
        clock: Clock | None = None,
        run: str = "",
        say: Callable[[str, str], None] = log_line,
        limits: HostLimits | None = None,
        care: Care | None = None,
        tasks: bool = False,
        config: Mapping[str, Mapping[str, JsonValue]] | None = None,
    ) -> None:
        """`tasks`: whether scheduled tasks are done when they are due, by `clock`. `sandboxes` is picked by default.

        `config` is for plugins by name, on top of what stands in their manifests.
        """
        self.store, self._publish, self._say, self._run = store, publish, say, run
        self._limits = limits or HostLimits()
        self._starter = Starter(secrets, say, clock or WallClock(), self._limits, dict(config or {}), sandboxes)
        do_task = self.run_task if tasks else None
        care = care or Care()
        self._keeping = Keeping(self._starter, store, publish=publish, say=say, care=care, do_task=do_task)
        self._slots: dict[str, Slot] = {}

    async def __aenter__(self) -> Fleet:
        await self._keeping.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.close()
        finally:
            await self._keeping.close()

    # What is there.

    def loaded(self) -> list[Loaded]:
        """Every plugin that serves calls, by name."""
        return [slot.serving.loaded for _, slot in sorted(self._slots.items()) if slot.serving is not None]

    def find(self, plugin: str) -> Loaded | None:
        """The version that serves; None when there is none."""
        slot = self._slots.get(plugin)
        return slot.serving.loaded if slot is not None and slot.serving is not None else None

    # Coming, changing, going.

    async def open(self, names: Iterable[str] | None = None) -> dict[str, PracticumError]:
        """Load what is installed: the current versions of `names`, or of all. Returns those that could not be loaded.

        Each of them is on record as `plugin.installed` or `plugin.reverted`; one that fails does not hinder the others.
        """
        failed: dict[str, PracticumError] = {}

        async def one(name: str) -> None:
            try:
                await self.swap(self.store.installed(name))
            except PracticumError as error:
                failed[name] = error

        async with asyncio.TaskGroup() as group:
            for name in self.store.names() if names is None else names:
                group.create_task(one(name))
        return failed

    async def install(
        self,
        source: Path,
        *,
        spec: PluginSpecification | None = None,
        grant: Grant | None = None,
        host: HostKind = "isolated",
        job: str = "",
        checks: Mapping[str, str] | None = None,
        config: Mapping[str, JsonValue] | None = None,
    ) -> Loaded:
        """Install a wheel, or a folder that one is built of in a sandbox, and let it serve.

        `spec` bounds what it may declare and says what it must bring; `grant` does so in its place. Without either it
        may declare no capability and no variable. `job` and `checks` go into its manifest.

        Raises:
            UsageError: it is no plugin's wheel, does not build, needs what is not in the cache, or is installed already
                with other content.
            PluginLoadError: it does not load, start or stay healthy; what served before serves on, and it is removed.
            SandboxError: there is no sandbox to load it in.
        """
        if source.is_dir():
            from practicum.plugins.store.building import built

            async with built(source, await self._starter.sandbox()) as wheel:
                return await self.install(
                    wheel, spec=spec, grant=grant, host=host, job=job, checks=checks, config=config
                )
        if grant is None and spec is not None:
            grant = Grant.of(spec)
        installed, new = await self.store.add(source, host=host, grant=grant, job=job, checks=checks, config=config)
        try:
            return await self.swap(installed)
        except BaseException:
            if new and self.store.current(installed.name) != installed.version:
                self.store.remove(installed.name, installed.version)
            raise

    async def swap(self, installed: Installed) -> Loaded:
        """Let an installed version serve, in the place of the one that does. It becomes the current one of the store.

        Raises:
            PluginLoadError: it does not load, start, or is not healthy; `plugin.reverted` is on record.
            SandboxError: there is no sandbox to load it in.
        """
        slot = self._slots.setdefault(installed.name, Slot(installed.name))
        async with slot.lock:
            old = slot.serving
            if old is not None and old.loaded.installed.same(installed) and not old.dead:
                return old.loaded
            try:
                new = await self._starter.start(installed)
            except PracticumError as error:
                reason = error.reason if isinstance(error, PluginLoadError) else error.message
                slot.refused.add(installed.version)
                if old is None:
                    slot.change(None, reason)
                await self._publish(
                    PluginReverted(
                        name=installed.name,
                        version=installed.version,
                        to=old.loaded.version if old is not None else "",
                        reason=reason,
                    )
                )
                raise
            slot.refused.discard(installed.version)
            slot.falls.clear()
            if old is not None:
                slot.before = old.loaded.installed
            else:
                slot.before = self._keeping.earlier(installed)
            self._keeping.replace(slot, new)
            self.store.activate(installed.name, installed.version)
            await self._publish(
                PluginInstalled(
                    name=installed.name,
                    version=installed.version,
                    host=new.loaded.host,
                    actions=tuple(action.name for action in new.loaded.description.actions),
                    replaces=old.loaded.version if old is not None else "",
                )
            )
            return new.loaded

    async def lend(self, plugin: Plugin) -> Loaded:
        """Let a plugin serve that is an object here already, such as a mounted MCP server. It is in no store, and its
        code runs in our process.

        Raises:
            PluginLoadError: a service of it does not start.
            UsageError: another one of its name serves already, or its name or version is none.
        """
        slot = self._slots.setdefault(plugin.name, Slot(plugin.name))
        async with slot.lock:
            if slot.serving is not None:
                raise UsageError(f"there is a plugin {plugin.name!r} already", hint="give it another name")
            new = await self._starter.lend(lent(plugin, self.store.root / plugin.name), plugin)
            self._keeping.replace(slot, new)
            actions = tuple(action.name for action in plugin.actions)
            await self._publish(PluginInstalled(name=plugin.name, version=plugin.version, host="lent", actions=actions))
            return new.loaded

    def follow(self, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Begin to load what others made current in the store since, of the plugins that are `wanted`.

        What serves goes on until then; only the calls of a plugin that did not serve before wait for it. A version that
        failed here is not tried again. What others removed serves no more.
        """
        names = self.store.names()
        for name in names:
            if wanted(name):
                self._follow(name)
        for name, slot in list(self._slots.items()):
            serves = slot.serving is not None and slot.serving.loaded.host != "lent"
            if serves and name not in names and not slot.lock.locked():
                self._keeping.keep(partial(self._drop, slot, "it was removed from the store"))

    async def rollback(self, plugin: str, reason: str = "asked for") -> Loaded:
        """Go back to the version before.

        Raises:
            UsageError: there is none.
            PluginLoadError: it does not load any more; what served serves on.
        """
        slot = self._known(plugin)
        async with slot.lock:
            before = slot.before
            if before is None:
                raise UsageError(f"{plugin} has no earlier version to go back to")
            await self._keeping.revert(slot, before, reason)
            assert slot.serving is not None
            return slot.serving.loaded

    async def remove(self, plugin: str, reason: str = "") -> None:
        """Let it serve no more once its calls are answered, and remove it with its data.

        Raises:
            PluginUnavailableError: there is no such plugin here.
        """
        await self._drop(self._known(plugin), reason)
        if plugin in self.store.names():
            self.store.remove(plugin)

    async def _drop(self, slot: Slot, reason: str) -> None:
        async with slot.lock:
            serving = slot.serving
            self._slots.pop(slot.name, None)
            slot.change(None, reason or "it was removed")
            if serving is not None:
                await self._keeping.let_go(serving)
            version = serving.loaded.version if serving is not None else self.store.current(slot.name)
            await self._publish(PluginRemoved(name=slot.name, version=version, reason=reason))

    async def close(self) -> None:
        """End all of them, without waiting for their calls. May be called twice."""
        slots, self._slots = self._slots, {}
        await self._keeping.quiet()
        for slot in slots.values():
            slot.change(None, "it is closed")
        await self._starter.end_all()

    # Being asked.

    async def call(
        self,
        plugin: str,
        action: str,
        args: Mapping[str, JsonValue] | None = None,
        *,
        agent: str = "",
        timeout: float | None = None,
    ) -> JsonValue:
        """Call an action, on behalf of `agent`; `timeout` in seconds.

        A call whose plugin died under it is made again when its effect is `read` or `idempotent`, once.

        Raises:
            PluginUnavailableError: no such plugin serves.
            PluginCallError: it failed; `kind` says how.
        """

        async def work(host: PluginHost) -> JsonValue:
            return await host.call(action, dict(args or {}), agent=agent, run=self._run, timeout=timeout)

        def repeatable(description: Description) -> bool:
            found = description.action(action)
            return found is not None and found.effect != "once"

        return await self._ask(plugin, work, repeatable)

    async def provide(self, plugin: str, name: str, *, agent: str = "") -> str:
        """What a provider says. Raises as `call`."""
        return await self._ask(plugin, lambda host: host.provide(name, agent=agent, run=self._run), _always)

    async def evaluate(self, plugin: str, name: str, value: JsonValue, *, agent: str = "") -> Check:
        """What an evaluator says of a value. Raises as `call`."""
        return await self._ask(plugin, lambda host: host.evaluate(name, value, agent=agent, run=self._run), _always)

    async def run_task(self, plugin: str, name: str, *, timeout: float | None = None) -> None:
        """Do a task now. Raises as `call`."""
        await self._ask(plugin, lambda host: host.run_task(name, run=self._run, timeout=timeout), _never)

    async def health(self) -> dict[str, str]:
        """Every plugin to what is wrong with it; empty text where all is well."""
        found: dict[str, str] = {}
        for name, slot in sorted(self._slots.items()):
            found[name] = await slot.serving.host.health() if slot.serving is not None else slot.failed
        return found

    async def _ask(
        self, plugin: str, work: Callable[[PluginHost], Awaitable[T]], repeatable: Callable[[Description], bool]
    ) -> T:
        slot = self._known(plugin)
        tried = 0
        while True:
            serving = await slot.take(self._limits.load_s)
            with serving.held():
                try:
                    return await work(serving.host)
                except PluginCallError as error:
                    if error.kind == "timeout":
                        self._keeping.keep(partial(self._keeping.suspect, slot, serving), serving)
                        raise
                    if error.kind not in ("gone", "down"):
                        raise
                    serving.dead = True
                    tried += 1
                    if tried > 1 or (error.kind == "gone" and not repeatable(serving.loaded.description)):
                        raise PluginCallError(
                            error.kind, f"{plugin} ended during the call: {error.message}",
                            hint="it may or may not have been done; look before it is asked again",
                        ) from error  # fmt: skip

    def _known(self, plugin: str) -> Slot:
        slot = self._slots.get(plugin)
        if slot is None:
            there = ", ".join(sorted(self._slots))
            raise PluginUnavailableError(
                f"there is no plugin {plugin!r} here", hint=f"there are: {there}" if there else "none is installed"
            )
        return slot

    def _follow(self, name: str) -> None:
        slot = self._slots.setdefault(name, Slot(name))
        version = self.store.current(name)
        serves = slot.serving.loaded.version if slot.serving is not None else ""
        if version in (serves, slot.awaited) or version in slot.refused:
            return
        slot.awaited = version
        if slot.serving is None:
            slot.change(None)

        async def load() -> None:
            try:
                await self.swap(self.store.installed(name, version))
            except PracticumError as error:
                self._say(name, error.message)
            finally:
                slot.awaited = ""

        self._keeping.keep(load)


def _always(description: Description) -> bool:
    return True


def _never(description: Description) -> bool:
    return False
