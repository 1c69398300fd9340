"""Work of one service in the background, which that service can end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from practicum.world.service import Spawn


class Background:
    """Starts work in the world's task group and remembers it until it is over."""

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work`; what it raises ends the world, as with `WorldContext.spawn`."""
        if self._closed:
            work.close()
            return
        self._spawn(self._remembered(work))

    async def cancel(self) -> None:
        """End everything that runs; nothing of it is left when this returns. New work may be started afterwards."""
        self._closed = True
        tasks = tuple(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._closed = False

    async def _remembered(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait((task,))
            raise
        finally:
            self._running.discard(task)
        if not task.cancelled():
            task.result()
