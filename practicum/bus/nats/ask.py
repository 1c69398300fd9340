"""Questions and private answers; never stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from practicum.bus.address import ask_subject
from practicum.bus.nats import headers
from practicum.bus.nats.link import Link
from practicum.bus.protocol import AskHandler
from practicum.errors import BusClosedError, BusError, PracticumError, PublishRefusedError

_NO_RESPONDERS = "503"
_SERVICE_IMPORT = "_R_."
"""Where the server itself puts replies that cross accounts; clients cannot name such a subject."""


class Asker:
    """Asks others, and matches the replies that come to this connection's private inbox."""

    def __init__(self, run: str, source: str, inbox: str) -> None:
        self._run, self._source = run, source
        self.inbox = f"{inbox}.a"
        self._open: dict[int, tuple[str, asyncio.Future[bytes]]] = {}
        self._over: dict[Link, set[asyncio.Future[bytes]]] = {}
        self._next = 0

    async def attach(self, link: Link) -> None:
        await link.listen(f"{self.inbox}.*", self._replied)

    async def ask(self, link: Link, service: str, verb: str, body: bytes) -> bytes:
        subject = ask_subject(self._run, self._source, service, verb)
        self._next += 1
        token = self._next
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._open[token] = (subject, reply)
        self._over.setdefault(link, set()).add(reply)
        try:
            link.send(subject, body, reply=f"{self.inbox}.{token}")
            return await reply
        finally:
            del self._open[token]
            self._over[link].discard(reply)
            if not self._over[link]:
                del self._over[link]

    async def answered(self, link: Link) -> None:
        """Return when no question waits for a reply over `link`, or the link is lost."""
        while waiting := self._over.get(link):
            futures: set[asyncio.Future[bytes] | asyncio.Future[str]] = {*waiting, link.lost}
            await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            if link.lost.done():
                return
            await asyncio.sleep(0)  # the askers take note

    def refused(self, subject: str, reason: str) -> bool:
        """The server refused a publish to `subject` (lower case). True when it was a question."""
        for asked, reply in self._open.values():
            if asked.lower() == subject and not reply.done():
                reply.set_exception(PublishRefusedError(asked, reason))
                return True
        return False

    def fail_all(self, reason: str) -> None:
        for _, reply in self._open.values():
            if not reply.done():
                reply.set_exception(BusClosedError(reason))

    def _replied(self, subject: str, _reply: str, data: bytes, block: bytes | None) -> None:
        asked, reply = self._open.get(int(subject.rpartition(".")[2]), ("", None))
        if reply is None or reply.done():
            return
        if headers.status(block) == _NO_RESPONDERS:
            reply.set_exception(BusError(f"nobody answers {asked}"))
        elif failure := headers.value(block, headers.ERROR):
            reply.set_exception(BusError(f"{asked}: {failure}"))
        else:
            reply.set_result(data)


class Answerer:
    """Answers what others ask; each question is its own task, so a slow one holds up no other."""

    def __init__(self, subject: str, handler: AskHandler, on_error: Callable[[BusError], None]) -> None:
        self.subject, self._handler, self._on_error = subject, handler, on_error
        self._tasks: set[asyncio.Task[None]] = set()
        self._link: Link | None = None

    async def attach(self, link: Link) -> None:
        await link.listen(self.subject, self._asked)
        self._link = link

    async def close(self) -> None:
        """Stop what is still being answered."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _asked(self, subject: str, reply: str, data: bytes, _block: bytes | None) -> None:
        asker = subject.split(".")[3]
        # The reply is published with our rights, to wherever the asker said. Anything but the asker's own inbox would
        # let it write in our name.
        if not reply.startswith((f"_INBOX.{asker}.", _SERVICE_IMPORT)):
            self._on_error(BusError(f"{asker} asked on {subject} for a reply to {reply or 'nowhere'}: not answered"))
            return
        task = asyncio.get_running_loop().create_task(self._answer(asker, subject, reply, data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, asker: str, subject: str, reply: str, data: bytes) -> None:
        try:
            body, block = await self._handler(asker, data), b""
        except PracticumError as error:
            body, block = b"", headers.block(headers.ERROR, str(error))
        except Exception as error:  # the task's outermost edge: the asker must not wait for its time limit
            self._on_error(BusError(f"{subject}: the answer failed: {type(error).__name__}: {error}"))
            body, block = b"", headers.block(headers.ERROR, f"the answer failed with {type(error).__name__}")
        if self._link is not None:
            self._link.send(reply, body, headers=block)
