"""Looking after plugins that serve: replaced, guarded, mended and taken back while calls go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from practicum.bus.events.plugin import PluginRestarted, PluginReverted
from practicum.errors import PracticumError, UsageError
from practicum.plugins.host.limits import Care
from practicum.plugins.host.protocol import NO_ANSWER, Publish, Say
from practicum.plugins.host.slot import Serving, Slot
from practicum.plugins.host.starting import Starter
from practicum.plugins.host.tasks import do_tasks
from practicum.plugins.store import Installed, Store

_log = structlog.get_logger()


class Keeping:
    """What goes on in a fleet without being asked for."""

    def __init__(
        self,
        starter: Starter,
        store: Store,
        *,
        publish: Publish,
        say: Say,
        care: Care,
        do_task: Callable[[str, str], Awaitable[None]] | None,
    ) -> None:
        """`do_task` is given a plugin's and a task's name when it is due; without it, no task ever is."""
        self._starter, self._store = starter, store
        self._publish, self._say, self._care, self._do_task = publish, say, care, do_task
        self._group = asyncio.TaskGroup()
        self._keepers: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Before anything else."""
        await self._group.__aenter__()

    async def quiet(self) -> None:
        """End what goes on in the background."""
        for keeper in list(self._keepers):
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def close(self) -> None:
        """After everything else, by the task that called `open`."""
        await self._group.__aexit__(None, None, None)

    def replace(self, slot: Slot, new: Serving, *, hung: bool = False) -> None:
        """From now on `new` serves; what served before ends when its calls are answered, which a hung one never does.

        Nothing is awaited.
        """
        old = slot.serving
        slot.change(new)
        self.keep(partial(self._guard, slot, new), new)
        if self._do_task is not None and (tasks := new.loaded.description.tasks):
            do, say = partial(self._do_task, slot.name), partial(self._say, slot.name)
            self.keep(partial(do_tasks, tasks, self._starter.clock, do, say), new)
        if old is not None:
            old.release()
            self.keep(partial(self.let_go, old, hung=hung))

    def keep(self, work: Callable[[], Awaitable[None]], serving: Serving | None = None) -> None:
        """Do something in the background; with `serving`, for as long as that serves."""

        async def kept() -> None:
            try:
                await work()
            except Exception as failure:  # a task's outermost edge; nobody waits for it
                _log.error("plugins are not looked after", error=str(failure), exc_info=True)

        task = self._group.create_task(kept())
        self._keepers.add(task)
        task.add_done_callback(self._keepers.discard)
        if serving is not None:
            serving.keepers.append(task)

    async def let_go(self, old: Serving, *, hung: bool = False) -> None:
        """End a version once its calls are answered, or at once when it hangs."""
        old.release()
        try:
            if not hung and not await old.drained(self._care.drain_s):
                self._say(old.loaded.name, f"{old.loaded.version} is ended with calls under way")
        finally:
            await self._starter.end(old.host, at_once=hung)

    async def _guard(self, slot: Slot, serving: Serving) -> None:
        """Look whether it lives and is well, for as long as it serves."""
        ended = asyncio.ensure_future(serving.host.wait())
        ill = 0
        try:
            while True:
                await asyncio.wait({ended}, timeout=self._care.health_every)
                if ended.done():
                    await self._mend(slot, serving, ended.result(), ended=True)
                    return
                wrong = await serving.host.health()
                ill = ill + 1 if wrong else 0
                if ill >= self._care.patience:
                    await self._mend(slot, serving, wrong, ended=False)
                    return
        finally:
            ended.cancel()

    async def suspect(self, slot: Slot, serving: Serving) -> None:
        """A call was not answered in time. When the plugin does not answer anything, it hangs."""
        wrong = await serving.host.health()
        if wrong:
            await self._mend(slot, serving, wrong, ended=False)

    async def _mend(self, slot: Slot, serving: Serving, why: str, *, ended: bool) -> None:
        """A version that served fails. One that ended is started again, some times; then, and when it is ill, the
        version before takes over. While there is nothing to take over, an ill one is started again too.
        """
        async with slot.lock:
            if slot.serving is not serving:
                return
            now = time.monotonic()
            slot.falls.append(now)
            while slot.falls and slot.falls[0] < now - self._care.window:
                slot.falls.popleft()
            often, hung = len(slot.falls) > self._care.restarts, why.startswith(NO_ANSWER)
            if slot.before is not None and (often or not ended):
                try:
                    await self.revert(slot, slot.before, why, hung=hung)
                    return
                except PracticumError as error:
                    slot.before = None
                    self._say(slot.name, f"cannot go back: {error.message}")
            if not often:
                try:
                    again = await self._starter.start(serving.loaded.installed)
                except PracticumError as error:
                    why = f"{why}; it does not start again: {error.message}"
                else:
                    self.replace(slot, again, hung=hung)
                    await self._publish(PluginRestarted(name=slot.name, version=serving.loaded.version, reason=why))
                    return
                if slot.before is not None:
                    try:
                        await self.revert(slot, slot.before, why, hung=hung)
                        return
                    except PracticumError as error:
                        self._say(slot.name, f"cannot go back: {error.message}")
            slot.change(None, why)
            self.keep(partial(self.let_go, serving, hung=hung))
            await self._publish(PluginReverted(name=slot.name, version=serving.loaded.version, to="", reason=why))

    async def revert(self, slot: Slot, before: Installed, why: str, *, hung: bool = False) -> None:
        """Let the version before serve. The slot's lock is held."""
        old = slot.serving
        new = await self._starter.start(before)
        if old is not None:
            slot.refused.add(old.loaded.version)
        slot.falls.clear()
        slot.before = self.earlier(before)
        self.replace(slot, new, hung=hung)
        if self._store.before(slot.name) == before.version:
            self._store.rollback(slot.name)
        await self._publish(
            PluginReverted(
                name=slot.name, version=old.loaded.version if old is not None else "", to=before.version, reason=why
            )
        )

    def earlier(self, installed: Installed) -> Installed | None:
        """The version that was the store's current one before this one, if it is still there."""
        try:
            version = self._store.before(installed.name, installed.version)
            return self._store.installed(installed.name, version) if version else None
        except UsageError:
            return None  # what lies there is damaged
