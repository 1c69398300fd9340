"""One plugin's place in a fleet: the version that serves, and the calls that it still owes an answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from practicum.plugins.host.errors import PluginCallError, PluginUnavailableError
from practicum.plugins.host.protocol import Loaded, PluginHost
from practicum.plugins.store.manifest import Installed


class Serving:
    """A loaded version and its calls."""

    def __init__(self, host: PluginHost, loaded: Loaded) -> None:
        self.host, self.loaded = host, loaded
        self.dead = False
        """Known to serve no more, though it is not replaced yet."""
        self.keepers: list[asyncio.Task[None]] = []
        """What looks after it; they end when it is replaced."""
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """While inside, `drained` waits."""
        self._calls += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()

    async def drained(self, within: float) -> bool:
        """Wait until no call is under way; whether that was so within so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def release(self) -> None:
        """Let go of the keepers, except for the one that asks."""
        for task in self.keepers:
            if task is not asyncio.current_task():
                task.cancel()


class Slot:
    """A plugin by name. Whoever changes which version serves holds `lock`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        self.serving: Serving | None = None
        self.before: Installed | None = None
        """The version to go back to."""
        self.refused: set[str] = set()
        """Versions that were taken back; not to be tried again by themselves."""
        self.falls: deque[float] = deque()
        """When its process ended, monotonic."""
        self.awaited = ""
        """The version that is being loaded because somebody made it current in the store."""
        self.failed = ""
        """Why nothing serves, and nothing will by itself."""
        self._changed = asyncio.Event()

    def change(self, serving: Serving | None, failed: str = "") -> None:
        """Another one serves from now on, or none."""
        self.serving, self.failed = serving, failed
        self._changed.set()
        self._changed = asyncio.Event()

    async def take(self, within: float) -> Serving:
        """The version that serves; waits while one is being started in the place of one that died.

        Raises:
            PluginUnavailableError: none will.
            PluginCallError: none did within so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                while self.serving is None or self.serving.dead:
                    if self.failed:
                        raise PluginUnavailableError(f"the plugin {self.name} does not serve: {self.failed}")
                    await self._changed.wait()
        except TimeoutError as error:
            raise PluginCallError("down", f"{self.name} is not back within {within:g} s") from error
        return self.serving
