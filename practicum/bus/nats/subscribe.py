"""Reading the stored log through a pull consumer, without polling.

One pull request is outstanding: it asks for as many events as there is room for, and the server sends them as they
come, for up to `EXPIRES_S`, with heartbeats in between. The next request is made when this one is used up or expired.
Protocol: https://docs.nats.io/reference/reference-protocols/nats_api_reference and ADR-37 of
github.com/nats-io/nats-architecture-and-design.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from practicum.bus.event import Event
from practicum.bus.nats import headers
from practicum.bus.nats.link import Link
from practicum.bus.reading import read_event
from practicum.errors import BusError

EXPIRES_S = 30.0
"""How long one request stands, unless the identity's life asks for less."""
HEARTBEAT_S = 5.0
GRACE_S = 1.0
MAX_BYTES = 64 * 1024 * 1024
"""What one pull request may bring into memory, whatever the number of events."""
CLOSE_TIMEOUT_S = 5.0
_SHORT_ACK = 9
RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Pauses before asking again for a consumer that is not there; after the last it counts as missing."""
ACK = b"+ACK"
NAK = b"-NAK"


class NatsDelivery:
    """One event, as the server handed it over."""

    __slots__ = ("_reply", "_subscription", "raw", "sequence", "subject")

    def __init__(self, subscription: NatsSubscription, subject: str, reply: str, raw: bytes, sequence: int) -> None:
        self._subscription, self._reply = subscription, reply
        self.subject, self.raw, self.sequence = subject, raw, sequence

    def event(self) -> Event:
        return read_event(self.subject, self.raw)

    async def ack(self) -> None:
        await self._subscription.acknowledge(self._reply)


class NatsSubscription:
    """Deliveries of one consumer, in the order of the log.

    `prepare` makes sure, for each new link, that the consumer exists: it is given the link and the last sequence that
    was delivered, and returns the consumer's name.
    """

    def __init__(
        self,
        inbox: str,
        stream: str,
        prepare: Callable[[Link, int], Awaitable[str]],
        *,
        maximum: int,
        explicit: bool,
        expires: float,
        on_close: Callable[[NatsSubscription], None],
    ) -> None:
        self._inbox, self._stream, self._prepare = inbox, stream, prepare
        self._maximum, self._explicit, self._on_close = maximum, explicit, on_close
        self._expires, self._heartbeat = expires, min(HEARTBEAT_S, expires / 3)
        self._consumer = ""
        self._link: Link | None = None
        self._queue: deque[NatsDelivery] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._left = 0
        self._request = 0
        self._last = 0
        self._closed = False
        self._alive = False
        self._failures = 0
        self._error: BusError | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Future[None] | None = None
        self._unacknowledged: dict[str, None] = {}

    async def attach(self, link: Link) -> None:
        """Begin, or go on after a lost link: what was asked of the old link is asked again."""
        self._consumer = await self._prepare(link, self._last)
        self._link = link
        await link.listen(f"{self._inbox}.*", self._received)
        self._left = 0
        self._pull()

    def detach(self) -> None:
        self._link = None
        self._unwatch()

    async def hand_over(self, new: Link) -> None:
        """Move to another link while the present one lives, without losing what is on its way.

        The outstanding request is let run out, for nobody can take one back, and the next is made over the new link.
        """
        old = self._link
        self._leaving = asyncio.get_running_loop().create_future()
        if self._left > 0 and old is not None:
            await asyncio.wait((self._leaving, old.lost), timeout=self._expires + GRACE_S)
            if old.usable:
                old.redirect(f"{self._inbox}.*", _ignore)
        self._leaving = None
        if not self._closed:
            await self.attach(new)

    def __aiter__(self) -> AsyncIterator[NatsDelivery]:
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[NatsDelivery]:
        while await self._ready():
            yield self._queue.popleft()
            if self._left == 0:
                self._pull()

    async def batch(self, maximum: int) -> Sequence[NatsDelivery]:
        if not await self._ready():
            return ()
        queue = self._queue
        if len(queue) <= maximum:
            taken = list(queue)
            queue.clear()
        else:
            taken = [queue.popleft() for _ in range(maximum)]
        if self._left == 0:
            self._pull()
        return taken

    async def _ready(self) -> bool:
        """Wait until a delivery is there; False when there will be none."""
        while not self._queue:
            if self._error is not None:
                raise self._error
            if self._closed:
                return False
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return True

    async def acknowledge(self, reply: str) -> None:
        link = self._link
        # Without a link the acknowledgement is lost, and the event comes again: delivery is at least once.
        if self._explicit and link is not None:
            self._unacknowledged.pop(reply, None)
            link.send(reply, ACK)

    async def close(self) -> None:
        if self._closed:
            return
        self._on_close(self)
        self.finish(None)
        link = self._link
        if link is None:
            return
        try:
            await link.forget(f"{self._inbox}.*", CLOSE_TIMEOUT_S)
        except BusError:
            # The link is lost: the server finds out by itself, and hands what is open to the next reader after a while.
            return
        finally:
            self.detach()
        # Given back only now, when the server no longer hands anything to us: the next reader need not wait for it.
        for reply in self._unacknowledged:
            link.send(reply, NAK)

    def finish(self, error: BusError | None) -> None:
        """No more deliveries: closed by its owner, or the bus is gone."""
        self._closed = True
        if error is not None:
            self._error = self._error or error
        self._unwatch()
        self._wake()

    def refused(self, subject: str) -> bool:
        """The server refused a publish to `subject` (lower case). True when it was a pull or an acknowledgement."""
        if subject == self._next_subject.lower():
            self.finish(BusError(f"this identity may not read through consumer {self._consumer} of {self._stream}"))
            return True
        return subject.startswith(f"$js.ack.{self._stream}.{self._consumer}.".lower())

    @property
    def _next_subject(self) -> str:
        return f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"

    def _pull(self) -> None:
        if self._leaving is not None:
            if not self._leaving.done():
                self._leaving.set_result(None)
            return
        free = self._maximum - len(self._queue)
        link = self._link
        if link is None or not link.usable or self._closed or free < self._maximum // 2:
            return
        self._left = free
        self._request += 1
        body = json.dumps(
            {
                "batch": free,
                "max_bytes": MAX_BYTES,
                "expires": int(self._expires * 1e9),
                "idle_heartbeat": int(self._heartbeat * 1e9),
            }
        )
        self._listen_for_heartbeats()
        link.send(self._next_subject, body.encode(), reply=f"{self._inbox}.{self._request}")

    def _received(self, subject: str, reply: str, data: bytes, block: bytes | None) -> None:
        code = headers.status(block)
        if code:
            self._status(subject, code, headers.description(block or b""))
            return
        # Whoever may pull can name any inbox to be served: only this consumer's deliveries count here.
        # ADR-15: `$JS.ACK.{stream}.{consumer}.{delivered}.{sequence}...`, or with domain and account before the stream.
        parts = reply.split(".")
        at = 2 if len(parts) == _SHORT_ACK else 4
        if len(parts) < at + 4 or parts[at + 1] != self._consumer:
            return
        sequence = int(parts[at + 3])
        if not self._explicit and sequence <= self._last:
            return
        self._last = max(self._last, sequence)
        self._left -= 1
        self._alive = True
        if self._left == 0 and self._leaving is not None:
            self._pull()
        self._failures = 0
        if self._explicit:
            self._unacknowledged[reply] = None
        self._queue.append(NatsDelivery(self, subject, reply, data, sequence))
        self._wake()

    def _status(self, inbox: str, code: str, words: str) -> None:
        if code == "100":
            self._failures = 0
            self._listen_for_heartbeats()
            return
        if inbox != f"{self._inbox}.{self._request}":
            return
        self._left = 0
        if code in ("503", "404") or words in _GONE:
            self._unserved(words)
        else:
            self._pull()

    def _unserved(self, words: str) -> None:
        """The consumer is not there. A restarted or newly elected server has it a moment later."""
        self._failures += 1
        if self._failures > len(RETRY_S):
            self.finish(BusError(f"the message bus has no consumer {self._consumer} of {self._stream} {words}".strip()))
        elif self._explicit:
            self._unwatch()
            self._watch = asyncio.get_running_loop().call_later(RETRY_S[self._failures - 1], self._pull)
        elif self._link is not None:
            # An ordered consumer passes with its server; over the next link a new one is made.
            self._link.end(f"consumer {self._consumer} is gone")

    def _listen_for_heartbeats(self) -> None:
        self._unwatch()
        self._alive = False
        self._watch = asyncio.get_running_loop().call_later(3 * self._heartbeat, self._missed)

    def _missed(self) -> None:
        if self._alive:
            self._listen_for_heartbeats()
        elif self._left > 0 and self._link is not None:
            self._link.end(f"no heartbeat of consumer {self._consumer} for {3 * self._heartbeat:g} s")

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


_GONE = frozenset({"Consumer Deleted", "Leadership Change", "Server Shutdown"})


def _ignore(_subject: str, _reply: str, _data: bytes, _block: bytes | None) -> None:
    """What a link that is being left still brings has come over its successor too."""
