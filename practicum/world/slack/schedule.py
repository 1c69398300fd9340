"""Messages that wait for their time (chat.scheduleMessage)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from practicum.clock import Clock
from practicum.world.slack.model import ScheduledMessage

Send = Callable[[ScheduledMessage], Awaitable[None]]


class Schedule:
    """Holds scheduled messages and sends each when the run's clock reaches it.

    One timer runs for the earliest of them (`run`, in the background). With a clock that jumps, whoever moves it calls
    `send_due` after the jump.
    """

    def __init__(self, clock: Clock) -> None:
        self.waiting: dict[str, ScheduledMessage] = {}
        self.send: Send | None = None
        """Set once by the service: how a message is posted."""
        self._clock = clock
        self._changed = asyncio.Event()
        self._closed = False
        self.running = False

    def add(self, message: ScheduledMessage) -> None:
        """Let a message wait."""
        self.waiting[message.id] = message
        self._changed.set()

    def cancel(self, id: str) -> ScheduledMessage | None:
        """Take a message back; None when it is not waiting any more."""
        self._changed.set()
        return self.waiting.pop(id, None)

    def next_due(self) -> int | None:
        """Seconds since 1970 at which the next message is due, None when nothing waits."""
        return min((message.post_at for message in self.waiting.values()), default=None)

    async def send_due(self) -> None:
        """Send everything whose time has come, oldest first."""
        now = self._clock.now().timestamp()
        due = sorted((one for one in self.waiting.values() if one.post_at <= now), key=lambda one: one.post_at)
        for message in due:
            if self.waiting.pop(message.id, None) and self.send:
                await self.send(message)

    async def run(self) -> None:
        """Send messages as they fall due, until `close`."""
        self.running = True
        while not self._closed:
            self._changed.clear()
            await self.send_due()
            due = self.next_due()
            wait = None if due is None else max(0.0, due - self._clock.now().timestamp())
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue
        self.running = False

    def clear(self) -> None:
        """Forget everything that waits."""
        self.waiting.clear()
        self._changed.set()

    def close(self) -> None:
        """End `run`."""
        self._closed = True
        self._changed.set()
