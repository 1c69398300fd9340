"""Keeps one source connected: opens links, replaces lost ones, renews the identity before it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from practicum.bus.nats.credentials import Credentials, Renew
from practicum.bus.nats.link import HungUpError, IdentityRefusedError, Link
from practicum.errors import BusClosedError, BusError, PracticumError

FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 1.0
HANDSHAKES = 5
STEADY_S = 2.0
"""A link that lived shorter than this did not help: the pauses go on growing."""
RENEW_TIMEOUT_S = 30.0


class Keeper:
    """Owns the present link. Its task runs from `start` to `close`."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        inbox: str,
        credentials: Credentials | None,
        renew: Renew | None,
        patience: float,
        on_violation: Callable[[str], None],
        attach: Callable[[Link], Awaitable[None]],
        detach: Callable[[], None],
        hand_over: Callable[[Link, Link], Awaitable[None]],
        idle: Callable[[Link], Awaitable[None]],
        gave_up: Callable[[str], None],
    ) -> None:
        self._url, self._name, self._inbox = url, name, inbox
        self._credentials, self._renew, self._patience = credentials, renew, patience
        self._on_violation = on_violation
        self._attach, self._detach, self._hand_over, self._gave_up = attach, detach, hand_over, gave_up
        self._idle = idle
        self._retiring: set[asyncio.Task[None]] = set()
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._online = asyncio.Event()
        self._closing: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._end = ""
        self._since = 0.0
        self._next_pause = FIRST_PAUSE_S
        self.closed = False

    async def start(self) -> None:
        """Open the first link.

        Raises:
            BusError: no server, or it refuses the identity.
        """
        try:
            link = await self._open()
        except IdentityRefusedError:
            if self._renew is None:
                raise
            await self._renewed()
            link = await self._open()
        await self._attach(link)
        self._present(link)
        self._task = asyncio.get_running_loop().create_task(self._keep(), name=f"bus link of {self._name}")

    async def link(self) -> Link:
        while True:
            self.check_open()
            if self._link is not None and self._link.usable:
                return self._link
            self._online.clear()
            await self._online.wait()

    def check_open(self) -> None:
        if self._end or self.closed:
            raise BusClosedError(self._end or f"{self._name}'s connection to the message bus is closed")

    @property
    def life(self) -> float:
        """Seconds that an identity of this connection lasts."""
        return self._credentials.life if self._credentials is not None else float("inf")

    def may_publish(self, subject: str) -> bool:
        return self._credentials is None or self._credentials.may_publish(subject)

    async def close(self) -> None:
        self.closed = True
        if not self._closing.done():
            self._closing.set_result("closed")
        self._online.set()
        if self._task is not None:
            await self._task
        for task in list(self._retiring):
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        if self._link is not None:
            if self._link.usable:
                await self._link.close()
            else:
                await self._link.abandon()

    async def _open(self) -> Link:
        # A server that refuses an identity says so and closes; when our next packet is faster than its word, the
        # kernel throws the word away. Another try finds out.
        for attempt in range(HANDSHAKES):
            link = Link(self._on_violation)
            try:
                await link.open(self._url, self._name, self._inbox, self._credentials)
            except HungUpError:
                if attempt == HANDSHAKES - 1:
                    raise
            else:
                return link
        raise AssertionError("unreachable")

    def _present(self, link: Link) -> None:
        self._link = link
        self._since = asyncio.get_running_loop().time()
        self._online.set()

    async def _keep(self) -> None:
        try:
            while not self._closing.done():
                link = self._link
                assert link is not None
                if await self._until_due(link):
                    await self._change(link)
                elif not self._closing.done():
                    self._detach()
                    self._online.clear()
                    await link.abandon()
                    await self._restore(link.lost.result())
        except PracticumError as error:
            self._end = str(error)
            self._online.set()
            self._gave_up(self._end)

    async def _until_due(self, link: Link) -> bool:
        """Wait for the link's end, for `close`, or for the moment to renew; True for that last one."""
        due = self._credentials.renew_in if self._credentials is not None and self._renew is not None else None
        await asyncio.wait((link.lost, self._closing), timeout=due, return_when=asyncio.FIRST_COMPLETED)
        return not link.lost.done() and not self._closing.done()

    async def _renewed(self) -> None:
        """Ask for a fresh identity.

        Raises:
            BusClosedError: there is none to be had.
        """
        assert self._renew is not None
        try:
            async with asyncio.timeout(RENEW_TIMEOUT_S):
                jwt, seed = await self._renew()
        except (TimeoutError, PracticumError) as error:
            reason = str(error) or f"no answer within {RENEW_TIMEOUT_S:.0f} s"
            raise BusClosedError(f"{self._name}'s bus identity was not renewed: {reason}") from error
        self._credentials = Credentials(jwt, seed)

    async def _change(self, old: Link) -> None:
        """Renew, and move to a link with the new identity while the old one lives."""
        await self._renewed()
        try:
            new = await self._open()
        except BusError:
            # The server is away just now: the old link will notice, and `_restore` has the patience for it.
            old.end("no second connection for the renewed identity")
            return
        self._present(new)
        try:
            await self._hand_over(old, new)
        except* BusError as errors:
            new.end(str(errors.exceptions[0]))
        # What was asked over the old link is answered over it, as long as its identity lasts.
        task = asyncio.get_running_loop().create_task(self._retire(old), name=f"old bus link of {self._name}")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _retire(self, old: Link) -> None:
        try:
            await self._idle(old)
        finally:
            await old.abandon()

    async def _restore(self, reason: str) -> None:
        """Open links until one holds.

        Raises:
            BusClosedError: none did within `patience`, or the identity is refused and cannot be renewed.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        refusals = 0
        if loop.time() - self._since < STEADY_S:
            await self._pause(self._next_pause)
        else:
            self._next_pause = FIRST_PAUSE_S
        while not self._closing.done():
            link: Link | None = None
            try:
                if self._credentials is not None and self._renew is not None and self._credentials.renew_in == 0:
                    await self._renewed()
                link = await self._open()
                await self._attach(link)
                self._present(link)
                return
            except IdentityRefusedError as error:
                refusals += 1
                if self._renew is None or refusals > 1:
                    raise BusClosedError(str(error)) from error
                await self._renewed()
            except BusClosedError:
                raise
            except BusError as error:
                self._detach()
                if link is not None:
                    await link.abandon()
                if loop.time() > deadline:
                    raise BusClosedError(
                        f"the message bus was lost ({reason}) and did not come back in {self._patience:g} s: {error}"
                    ) from error
            await self._pause(self._next_pause)

    async def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; `close` cuts it short."""
        self._next_pause = min(seconds * 2, LONGEST_PAUSE_S)
        await asyncio.wait((self._closing,), timeout=seconds)
