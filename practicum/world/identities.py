"""Renewed bus identities, as the launcher brings them."""

from __future__ import annotations

import asyncio

from practicum.bus.nats import Renew
from practicum.errors import BusError
from practicum.world.boot import BusIdentity

PATIENCE_S = 120.0


class Identities:
    """Holds the newest identity of each source until the connection asks for it."""

    def __init__(self) -> None:
        self._fresh: dict[str, asyncio.Queue[BusIdentity]] = {}

    def put(self, source: str, identity: BusIdentity) -> None:
        """A renewed identity has come."""
        queue = self._queue(source)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(identity)

    def renewer(self, source: str) -> Renew:
        """What a connection calls when it needs a fresh identity."""

        async def renew() -> tuple[str, str]:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    identity = await self._queue(source).get()
            except TimeoutError as error:
                raise BusError(f"the launcher sent no renewed identity for {source}") from error
            return identity.jwt, identity.seed

        return renew

    def _queue(self, source: str) -> asyncio.Queue[BusIdentity]:
        return self._fresh.setdefault(source, asyncio.Queue())
