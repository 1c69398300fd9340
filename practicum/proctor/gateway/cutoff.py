"""Ends what a lease began when the lease ends: a stream or a websocket does not outlive it."""

from __future__ import annotations

import asyncio
from types import TracebackType

from practicum.clock import Clock
from practicum.proctor.lease import Lease


class WhileGood:
    """Cancels its body when the lease is revoked or expires; then `reason` says so, and no error leaves the block.

    A renewed lease goes on: the timer looks at the expiry again when it fires.
    """

    def __init__(self, lease: Lease, clock: Clock) -> None:
        self.reason = ""
        self._lease = lease
        self._clock = clock
        self._scope = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> WhileGood:
        await self._scope.__aenter__()
        self._lease.watchers.add(self._revoked)
        self._look()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._lease.watchers.discard(self._revoked)
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self._scope.__aexit__(kind, error, trace)
        except TimeoutError:
            if self.reason:
                return True
            raise
        return False

    def _look(self) -> None:
        left = (self._lease.expires - self._clock.now()).total_seconds()
        if left <= 0:
            self._cut(f"{self._lease.id} expired")
        else:
            self._timer = asyncio.get_running_loop().call_later(left, self._look)

    def _revoked(self) -> None:
        self._cut(f"{self._lease.id} was revoked: {self._lease.revoked}")

    def _cut(self, reason: str) -> None:
        self.reason = reason
        self._scope.reschedule(asyncio.get_running_loop().time())
