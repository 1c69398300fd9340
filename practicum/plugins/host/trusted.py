"""The trusted host: a plugin in our own process. For plugins whose code somebody answers for."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Awaitable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from pydantic import JsonValue

from practicum.api.plugin import Check, Plugin, PluginContext
from practicum.clock import Clock, WallClock
from practicum.plugins.host import loading, wire
from practicum.plugins.host.components import Components
from practicum.plugins.host.errors import PluginCallError, PluginLoadError
from practicum.plugins.host.granted import confidential, hold_to_grant, variables
from practicum.plugins.host.limits import HostLimits
from practicum.plugins.host.protocol import NO_ANSWER, Loaded, Say, Secrets
from practicum.plugins.host.redact import Redactor
from practicum.plugins.store.manifest import Installed

T = TypeVar("T")


class TrustedHost:
    """See `PluginHost`. Each version is imported from its own folder.

    A new version's modules take the place of the old one's in `sys.modules`; the old one's go on living in the
    functions that were made of them, so both can be called at once. What a function imports while it runs comes from
    the version that was loaded last: a trusted plugin imports at its top. Modules in C load once in a process.
    """

    def __init__(
        self, *, secrets: Secrets, say: Say, clock: Clock | None = None, limits: HostLimits | None = None
    ) -> None:
        self._secrets, self._say = secrets, say
        self._clock, self._limits = clock or WallClock(), limits or HostLimits()
        self._components: Components | None = None
        self._modules: dict[str, ModuleType] = {}
        self._installed: Installed | None = None
        self._environment: dict[str, str] = {}
        self._redactor = Redactor({})
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def load(self, installed: Installed) -> Loaded:
        """See `PluginHost`."""
        site = str(installed.site)
        others = [entry for entry in sys.path if Path(entry).is_relative_to(installed.folder.parent)]
        replaced = _take_out(installed.folder.parent)
        sys.path[:] = [*(entry for entry in sys.path if entry not in others), site]
        importlib.invalidate_caches()
        try:
            plugin = loading.load(installed.site, installed.name, installed.version)
            loaded = await self.serve(installed, plugin)
        except BaseException:
            _take_out(installed.folder)
            sys.path[:] = [*(entry for entry in sys.path if entry != site), *others]
            sys.modules.update(replaced)
            raise
        self._modules = _under(installed.folder)
        return loaded

    async def serve(self, installed: Installed, plugin: Plugin) -> Loaded:
        """Start a plugin that is here already.

        Raises:
            PluginLoadError: a service of it does not start, or it declares more than it was granted.
        """
        self._installed = installed
        try:
            components = Components(plugin, self._context)
            hold_to_grant(installed, components.description)
            self._environment = variables(installed, components.description, self._secrets)
            self._redactor = Redactor(confidential(installed, components.description, self._environment))
            async with asyncio.timeout(self._limits.load_s):
                await components.start(self._now())
        except TimeoutError as error:
            raise self._unfit(f"its services did not start within {self._limits.load_s:g} s") from error
        except PluginCallError as error:
            raise self._unfit(error.message) from None
        self._components = components
        return Loaded(installed, components.description, installed.manifest.host)

    def _unfit(self, reason: str) -> PluginLoadError:
        assert self._installed is not None
        return PluginLoadError(self._installed.name, self._installed.version, self._redactor.text(reason))

    def _context(self, agent: str, run: str, now: str) -> PluginContext:
        assert self._installed is not None
        name = self._installed.name
        return PluginContext(
            plugin=name,
            config=dict(self._installed.manifest.config),
            environment=dict(self._environment),
            agent=agent,
            run=run,
            now=now,
            log=lambda message: self._say(name, self._redactor.text(wire.cut(message))),
        )

    def _now(self) -> str:
        return self._clock.now().isoformat()

    @property
    def _there(self) -> Components:
        if self._components is None:
            raise PluginCallError("down", "it is not loaded")
        return self._components

    async def _within(self, work: Awaitable[T], timeout: float | None) -> T:
        seconds = self._limits.call_s if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise PluginCallError("timeout", f"no answer within {seconds:g} s") from error
        except PluginCallError as error:
            raise PluginCallError(error.kind, self._redactor.text(wire.cut(error.message))) from None

    async def call(
        self, action: str, args: dict[str, JsonValue], *, agent: str = "", run: str = "", timeout: float | None = None
    ) -> JsonValue:
        """See `PluginHost`."""
        work = self._there.call(action, args, agent=agent, run=run, now=self._now())
        return self._redactor.value(_plain(await self._within(work, timeout)))

    async def provide(self, name: str, *, agent: str = "", run: str = "") -> str:
        """See `PluginHost`."""
        work = self._there.provide(name, agent=agent, run=run, now=self._now())
        return self._redactor.text(await self._within(work, None))

    async def evaluate(self, name: str, value: JsonValue, *, agent: str = "", run: str = "") -> Check:
        """See `PluginHost`."""
        check = await self._within(self._there.evaluate(name, value, agent=agent, run=run, now=self._now()), None)
        return Check(check.passed, self._redactor.text(check.summary), check.score)

    async def run_task(self, name: str, *, run: str = "", timeout: float | None = None) -> None:
        """See `PluginHost`."""
        await self._within(self._there.run_task(name, run=run, now=self._now()), timeout)

    async def health(self) -> str:
        """See `PluginHost`."""
        if self._components is None:
            return "it is not loaded"
        try:
            async with asyncio.timeout(self._limits.health_s):
                return self._redactor.text(await self._components.health())
        except TimeoutError:
            return f"{NO_ANSWER} within {self._limits.health_s:g} s"

    async def wait(self) -> str:
        """See `PluginHost`; a plugin in our own process ends with us."""
        return await asyncio.shield(self._gone)

    async def close(self, *, at_once: bool = False) -> None:
        """See `PluginHost`."""
        components, self._components = self._components, None
        if components is None or self._installed is None:
            return
        try:
            async with asyncio.timeout(self._limits.stop_s):
                if not at_once:
                    await components.stop()
        except TimeoutError:
            self._say(self._installed.name, f"its services did not stop within {self._limits.stop_s:g} s")
        site = str(self._installed.site)
        sys.path[:] = [entry for entry in sys.path if entry != site]
        for name, module in self._modules.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _plain(value: object) -> JsonValue:
    """The value, if it is JSON of a size that is taken; the isolated host would not let another one pass either."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise PluginCallError("broken", f"the answer cannot be written as JSON: {error}") from error
    if len(text) > wire.RESULT_BYTES:
        raise PluginCallError("too_large", f"the answer has {len(text)} bytes, at most {wire.RESULT_BYTES} are taken")
    plain: JsonValue = json.loads(text)
    return plain


def _under(folder: Path) -> dict[str, ModuleType]:
    """The modules that were loaded from below a folder."""
    found: dict[str, ModuleType] = {}
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        places = [getattr(spec, "origin", None), *(getattr(spec, "submodule_search_locations", None) or ())]
        if any(isinstance(place, str) and Path(place).is_relative_to(folder) for place in places):
            found[name] = module
    return found


def _take_out(folder: Path) -> dict[str, ModuleType]:
    """Remove the modules that were loaded from below a folder from `sys.modules`; returns them."""
    found = _under(folder)
    for name in found:
        del sys.modules[name]
    return found
