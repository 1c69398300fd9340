"""Publishing in a window: many events on the way, each with its receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic_core import from_json

from practicum.bus.nats import headers
from practicum.bus.nats.link import Link
from practicum.errors import BusClosedError, BusError, PublishRefusedError

WINDOW = 512
"""Events that may be on the way at once: beyond 100 nats-py gains little, beyond this only memory grows."""
WINDOW_BYTES = 32 * 1024 * 1024
"""Bytes of them, so that large events do not fill the memory of this process or of the server."""
ACK_TIMEOUT_S = 10.0
"""An acknowledgement that is this late was lost: the link is replaced, and the event sent again."""
ATTEMPTS = 6
"""How often an event is sent before a server's temporary refusal counts as final."""
HEADER_ROOM = 256
"""The server counts headers as payload; ours take less than this."""
_TEMPORARY = frozenset({10008, 10023, 10077})
"""JetStream error codes (server/errors.json) that pass: unavailable, insufficient resources, being restored."""


class NatsReceipt:
    """The promise that one posted event is stored."""

    __slots__ = ("_error", "_publisher", "_sequence", "_waiters", "attempts", "message_id", "payload", "subject")

    def __init__(self, publisher: Publisher, subject: str, payload: bytes, message_id: str) -> None:
        self.subject, self.payload, self.message_id = subject, payload, message_id
        self.attempts = 0
        self._publisher = publisher
        self._sequence = 0
        self._error: BusError | None = None
        self._waiters: list[asyncio.Future[None]] | None = None

    @property
    def done(self) -> bool:
        return self._sequence > 0 or self._error is not None

    async def stored(self) -> int:
        await self.settled()
        if self._error is not None:
            self._publisher.told(self)
            raise self._error
        return self._sequence

    async def settled(self) -> None:
        """Wait until it is known whether the event was stored."""
        if self.done:
            return
        waiter = asyncio.get_running_loop().create_future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(waiter)
        await waiter

    def resolve(self, sequence: int, error: BusError | None = None) -> None:
        self._sequence, self._error = sequence, error
        self.payload = b""
        if self._waiters is not None:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)


class Publisher:
    """Sends events, matches the acknowledgements, and sends again in order after a lost link."""

    def __init__(self, source: str, run: str, inbox: str, on_error: Callable[[BusError], None]) -> None:
        self.inbox = f"{inbox}.p"
        self._own = f"practicum.{run}.from.{source}."
        self._on_error = on_error
        self._pending: dict[int, NatsReceipt] = {}
        self._next = 0
        self._bytes = 0
        self._failed: list[NatsReceipt] = []
        self._room: list[asyncio.Future[None]] = []
        self._link: Link | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._watched = -1

    async def attach(self, link: Link) -> None:
        """Go on over a new link: listen for acknowledgements, then send what is still unconfirmed, oldest first."""
        await link.listen(f"{self.inbox}.*", self._acknowledged)
        for token, receipt in list(self._pending.items()):
            self._send(link, token, receipt)
        self._link = link
        self._arm()

    def detach(self) -> None:
        """Hold everything back until the next link."""
        self._link = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def post(self, subject: str, payload: bytes, message_id: str) -> NatsReceipt:
        while len(self._pending) >= WINDOW or (self._bytes and self._bytes + len(payload) > WINDOW_BYTES):
            room = asyncio.get_running_loop().create_future()
            self._room.append(room)
            await room
        receipt = NatsReceipt(self, subject, payload, message_id)
        self._next += 1
        token = self._next
        self._pending[token] = receipt
        self._bytes += len(payload)
        link = self._link
        if link is not None:
            self._send(link, token, receipt)
            if self._watch is None:
                self._arm()
        return receipt

    async def flush(self) -> None:
        """Wait for all that was posted; raises the first failure that no receipt has told."""
        for receipt in list(self._pending.values()):
            await receipt.settled()
        if self._failed:
            first, self._failed = self._failed[0], []
            await first.stored()

    def told(self, receipt: NatsReceipt) -> None:
        """Someone awaited this failed receipt: `flush` need not repeat it."""
        if receipt in self._failed:
            self._failed.remove(receipt)

    def refused(self, subject: str, reason: str) -> bool:
        """The server refused a publish to `subject`, which it names in lower case. True when it was one of ours."""
        match = None
        for token, receipt in self._pending.items():
            if receipt.subject.lower() == subject:
                # Two subjects can differ in case only; the one outside our own name is the one that was refused.
                if not receipt.subject.startswith(self._own):
                    match = token
                    break
                match = token if match is None else match
        if match is None:
            return False
        receipt = self._pending[match]
        self._settle(match, 0, PublishRefusedError(receipt.subject, reason))
        return True

    def fail_all(self, reason: str) -> None:
        """The bus is gone for good."""
        self.detach()
        for token in list(self._pending):
            self._settle(token, 0, BusClosedError(reason))

    def _send(self, link: Link, token: int, receipt: NatsReceipt) -> None:
        receipt.attempts += 1
        if len(receipt.payload) + HEADER_ROOM > link.max_payload:
            self._settle(token, 0, too_large(len(receipt.payload), link.max_payload))
            return
        link.send(
            receipt.subject,
            receipt.payload,
            reply=f"{self.inbox}.{token}",
            headers=headers.block(headers.MESSAGE_ID, receipt.message_id),
        )

    def _acknowledged(self, subject: str, _reply: str, data: bytes, block: bytes | None) -> None:
        token = int(subject.rpartition(".")[2])
        receipt = self._pending.get(token)
        if receipt is None:
            return
        if headers.status(block):
            self._try_again(token, receipt, f"no stream stores {receipt.subject}")
            return
        answer = from_json(data)
        error = answer.get("error")
        if error is None:
            self._settle(token, int(answer["seq"]), None)
        elif error.get("err_code") in _TEMPORARY:
            self._try_again(token, receipt, str(error.get("description")))
        else:
            self._settle(token, 0, BusError(f"{receipt.subject} was not stored: {error.get('description')}"))

    def _try_again(self, token: int, receipt: NatsReceipt, reason: str) -> None:
        """A server that is starting has its streams a moment later: a new link sends everything again, in order."""
        if receipt.attempts >= ATTEMPTS or self._link is None:
            self._settle(token, 0, BusError(reason, hint="the launcher creates the run's stream first"))
        else:
            self._link.end(reason)

    def _settle(self, token: int, sequence: int, error: BusError | None) -> None:
        receipt = self._pending.pop(token)
        self._bytes -= len(receipt.payload)
        receipt.resolve(sequence, error)
        if error is not None:
            self._failed.append(receipt)
            self._on_error(error)
        if self._room:
            rooms, self._room = self._room, []
            for room in rooms:
                if not room.done():
                    room.set_result(None)

    def _arm(self) -> None:
        """Watch the oldest event: when it is still on the way at the next look, its acknowledgement was lost."""
        self._watched = next(iter(self._pending), -1)
        self._watch = asyncio.get_running_loop().call_later(ACK_TIMEOUT_S, self._look) if self._pending else None

    def _look(self) -> None:
        if self._watched in self._pending and self._link is not None:
            self._link.end(f"no acknowledgement within {ACK_TIMEOUT_S:.0f} s")
        self._arm()


def too_large(size: int, limit: int) -> BusError:
    """The error for an event that no server would take."""
    return BusError(
        f"an event of {size:,} bytes is larger than the message bus takes ({limit - HEADER_ROOM:,} bytes)",
        hint="store the large part as a blob and name its digest in the event",
    )
