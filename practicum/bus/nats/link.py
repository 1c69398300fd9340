"""One connection to a server, which ends for good when it is lost.

nats-py can reconnect by itself. That is switched off, for two reasons. It treats an expired or revoked identity as the
end of the client, where here it is the moment to renew. And what was published while it was away leaves its buffer
before what was in flight when it broke, so one source's events would change their order. So a `Link` only reports that
it is lost, and its owner opens another and sends again, in order, what was not acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nats import errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription

from practicum.bus.nats.credentials import Credentials
from practicum.errors import BusError

Handler = Callable[[str, str, bytes, bytes | None], None]
"""Called at once for each message with subject, reply subject, payload and the raw header block."""

CONNECT_TIMEOUT_S = 5
_PERMISSIONS = "permissions violation"


class IdentityRefusedError(BusError):
    """The server does not take this identity: it has expired, or was revoked."""


class HungUpError(BusError):
    """The server closed the connection during the handshake, with or without a reason that was lost on the way."""


class Link(Client):
    """A nats-py client that hands messages straight to their handlers and never comes back once lost."""

    def __init__(self, on_violation: Callable[[str], None]) -> None:
        super().__init__()
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason, once the connection is gone."""
        self._handlers: dict[str, Handler] = {}
        self._sids: dict[int, str] = {}
        self._listening: dict[str, Subscription] = {}
        self._on_violation = on_violation

    async def open(self, url: str, name: str, inbox: str, credentials: Credentials | None) -> None:
        """Connect to one of `url`'s servers (separated by commas).

        Raises:
            IdentityRefusedError: the server refused the credentials.
            BusError: no server answers.
        """
        try:
            await self.connect(
                url.split(","),
                name=name,
                inbox_prefix=inbox,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_TIMEOUT_S,
                error_cb=self._note,
                signature_cb=credentials.sign if credentials else None,
                user_jwt_cb=credentials.jwt.encode if credentials else None,
            )
        except (OSError, errors.Error, TimeoutError) as error:
            text = f"{error} {self.last_error or ''}".strip().lower()
            await self.abandon()
            if "authorization" in text or "authentication" in text:
                raise IdentityRefusedError(f"{name} was refused by the bus: {text}") from error
            if isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
                raise HungUpError(f"the message bus at {url} hung up on {name}") from error
            raise BusError(f"no message bus answers at {url}: {text or type(error).__name__}") from error

    async def listen(self, subject: str, handler: Handler) -> None:
        """Subscribe; `handler` is called inside the read loop, so it must be quick and must not raise."""
        self._handlers[subject] = handler
        self._listening[subject] = await self.subscribe(subject)

    def redirect(self, subject: str, handler: Handler) -> None:
        """Give what arrives for a subscription of `listen` to another handler from now on."""
        self._handlers[subject] = handler

    async def forget(self, subject: str, timeout: float) -> None:
        """End a subscription of `listen`; what the server had sent by then has been handled when this returns."""
        subscription = self._listening.pop(subject, None)
        if subscription is not None and self.usable:
            await subscription.unsubscribe()
            await self.settle(timeout)
        self._handlers.pop(subject, None)

    @property
    def usable(self) -> bool:
        return not self.lost.done() and not self.is_closed

    def send(self, subject: str, payload: bytes, reply: str = "", headers: bytes = b"") -> None:
        """Put one message into the buffer that the flusher writes out. Subjects must have been checked.

        Does nothing on a link that is lost: its owner sends again over the next one.
        """
        if not self.usable:
            return
        if headers:
            sizes = f"{len(headers)} {len(headers) + len(payload)}"
            command = b"".join((f"HPUB {subject} {reply} {sizes}\r\n".encode(), headers, payload, b"\r\n"))
        else:
            command = b"".join((f"PUB {subject} {reply} {len(payload)}\r\n".encode(), payload, b"\r\n"))
        self._write(command)

    def _write(self, command: bytes) -> None:
        self._pending.append(command)
        self._pending_data_size += len(command)
        if self._flush_queue is not None and self._flush_queue.empty():
            self._flush_queue.put_nowait(asyncio.get_running_loop().create_future())

    async def settle(self, timeout: float) -> None:
        """Return when the server has dealt with all that was sent, and all it had sent before has been handled.

        Raises:
            BusError: no answer within `timeout` seconds, or the link was lost.
        """
        # `flush` of nats-py writes its PING past what is still buffered, so it proves nothing about that.
        pong: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pongs.append(pong)
        self._write(b"PING\r\n")
        done, _ = await asyncio.wait((pong, self.lost), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if pong not in done:
            raise BusError(f"the message bus does not answer: {self.lost.result() if done else 'no PONG'}")

    async def abandon(self) -> None:
        """Close at once, without sending what is still buffered: its owner sends it again elsewhere."""
        self._pending.clear()
        self._pending_data_size = 0
        try:
            await self.close()
        except OSError:
            self._end("closed by the server")

    def end(self, reason: str) -> None:
        """Declare the link lost, so that its owner replaces it."""
        self._end(reason)

    def _end(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)

    async def _note(self, error: Exception) -> None:
        """What nats-py only reports; whatever matters also ends the link or the call."""
        self._err = error

    async def _process_op_err(self, e: Exception) -> None:
        self._end(str(e) or type(e).__name__)

    async def _process_err(self, err_msg: str) -> None:
        if _PERMISSIONS in err_msg:
            self._on_violation(err_msg.strip("'"))
        else:
            self._end(err_msg.strip("'"))

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        # The usual way goes through a queue and a task for each subscription; a message bus that only sorts messages
        # into its own queues is twice as fast without.
        listened = self._sids.get(sid)
        if listened is None and (subscription := self._subs.get(sid)) is not None:
            listened = self._sids[sid] = subscription.subject
        handler = self._handlers.get(listened) if listened is not None else None
        if handler is None:
            await super()._process_msg(sid, subject, reply, data, headers)
        else:
            handler(subject.decode(), reply.decode(), data, headers)
