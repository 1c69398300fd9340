"""The bus over NATS: one identity, one link at a time, and everything that goes on when that link changes."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence

import structlog

from practicum.bus.address import Address, event_subject
from practicum.bus.event import Event
from practicum.bus.nats import admin
from practicum.bus.nats.ask import Answerer, Asker
from practicum.bus.nats.credentials import Credentials, Renew
from practicum.bus.nats.keeper import Keeper
from practicum.bus.nats.link import Link
from practicum.bus.nats.publish import NatsReceipt, Publisher
from practicum.bus.nats.subscribe import EXPIRES_S, NatsSubscription
from practicum.bus.protocol import AskHandler, Capabilities
from practicum.errors import BusClosedError, BusError, PublishRefusedError

CAPABILITIES = Capabilities(stored=True, survives_restart=True, identities=True, redelivers=True)

_SUBJECT = re.compile(r"[A-Za-z0-9_.$-]+")
_VIOLATION = re.compile(r'permissions violation for (publish|subscription) to "([^"]+)"')
_CLOSE_TIMEOUT_S = 5.0

_log = structlog.get_logger(__name__)


async def connect_nats(
    url: str,
    *,
    run: str,
    source: str,
    jwt: str = "",
    seed: str = "",
    renew: Renew | None = None,
    stream: str = "",
    on_error: Callable[[BusError], None] | None = None,
    patience: float = 60.0,
) -> NatsBus:
    """Connect to NATS as `source` of `run`.

    Args:
        url: `nats://host:port`; several servers of one cluster are separated by commas.
        run: whose events.
        source: as whom this connection writes; the identity must be for the same name.
        jwt: the identity; without one the server must ask for none.
        seed: the seed of the identity's user key, `SU...`.
        renew: awaited for a fresh `(jwt, seed)` at three quarters of the identity's life, and when the server does not
            take the present one.
        stream: where the run's events are stored; `practicum-{run}` unless told.
        on_error: told of each failure as it happens, refused posts among them; without it they are logged.
        patience: seconds for which a lost server is looked for before everything fails.

    Raises:
        BusError: no server answers, or it does not take the identity.
    """
    bus = NatsBus(
        url,
        run=run,
        source=source,
        credentials=Credentials(jwt, seed) if jwt else None,
        renew=renew,
        stream=stream or admin.stream_name(run),
        on_error=on_error,
        patience=patience,
    )
    await bus.start()
    return bus


class NatsBus:
    """A `practicum.bus.protocol.Bus`; made by `connect_nats`."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        url: str,
        *,
        run: str,
        source: str,
        credentials: Credentials | None,
        renew: Renew | None,
        stream: str,
        on_error: Callable[[BusError], None] | None,
        patience: float,
    ) -> None:
        self.run, self.source, self.stream = run, source, stream
        self._on_error = on_error
        # Replies and pulled events come to subjects below this one. Only this source may listen there; that nobody can
        # guess it keeps others from having the server send something there.
        self._inbox = f"_INBOX.{source}.{secrets.token_hex(8)}"
        self._publisher = Publisher(source, run, self._inbox, self.report)
        self._asker = Asker(run, source, self._inbox)
        self._answerers: list[Answerer] = []
        self._subscriptions: list[NatsSubscription] = []
        self._count = 0
        self._keeper = Keeper(
            url,
            name=source,
            inbox=self._inbox,
            credentials=credentials,
            renew=renew,
            patience=patience,
            on_violation=self._violated,
            attach=self._attach,
            detach=self._detach,
            hand_over=self._hand_over,
            idle=self._asker.answered,
            gave_up=self._gave_up,
        )
        self._refused_subscription = ""

    async def start(self) -> None:
        await self._keeper.start()

    async def link(self) -> Link:
        """The present link; waits while there is none.

        Raises:
            BusClosedError: there will be none.
        """
        return await self._keeper.link()

    async def publish(self, event: Event, to: Address) -> int:
        receipt = await self.post(event, to)
        return await receipt.stored()

    async def post(self, event: Event, to: Address) -> NatsReceipt:
        subject = event_subject(event.run, event.source, to, event.type)
        if _SUBJECT.fullmatch(subject) is None:
            raise BusError(f"{subject!r} cannot be a subject")
        self._keeper.check_open()
        return await self._publisher.post(subject, event.to_json(), event.id)

    async def flush(self) -> None:
        await self._publisher.flush()

    async def subscribe(
        self, filters: Sequence[str], *, durable: str | None = None, start: int = 1, maximum_pending: int = 1024
    ) -> NatsSubscription:
        link = await self.link()
        self._count += 1
        name = durable or f"{self.source}-{secrets.token_hex(6)}"

        async def prepare(current: Link, last: int) -> str:
            if durable is None:
                # An ordered consumer keeps no position of its own: each link gets a new one, from where we stand.
                fresh = f"{self.source}-{secrets.token_hex(6)}"
                begin = max(start, last + 1)
                await admin.create_consumer(current, self.stream, fresh, filters, start=begin, ordered=True)
                return fresh
            if not last and self._keeper.may_publish(f"$JS.API.CONSUMER.CREATE.{self.stream}.{durable}"):
                await admin.create_consumer(
                    current, self.stream, durable, filters, start=start, maximum_pending=maximum_pending
                )
            return durable

        if durable is None and not self._keeper.may_publish(f"$JS.API.CONSUMER.CREATE.{self.stream}.{name}"):
            raise BusError(
                f"{self.source} may not read the log of {self.stream}", hint="name the durable mailbox that it may read"
            )
        subscription = NatsSubscription(
            f"{self._inbox}.s{self._count}",
            self.stream,
            prepare,
            maximum=maximum_pending,
            explicit=durable is not None,
            # A renewal waits for the outstanding request to run out: that must fit into the rest of an identity's life.
            expires=min(EXPIRES_S, self._keeper.life / 10),
            on_close=self._subscriptions.remove,
        )
        self._subscriptions.append(subscription)
        await subscription.attach(link)
        return subscription

    async def ask(self, service: str, verb: str, body: bytes, *, timeout: float) -> bytes:
        if not _SUBJECT.fullmatch(f"{service}.{verb}"):
            raise BusError(f"{service}.{verb} cannot be asked")
        try:
            async with asyncio.timeout(timeout):
                return await self._asker.ask(await self.link(), service, verb, body)
        except TimeoutError as error:
            raise BusError(f"{service} did not answer {verb} within {timeout:g} s") from error

    async def answer(self, service: str, handler: AskHandler, *, verb: str = "*") -> None:
        """Answer what others ask of `service`.

        Raises:
            BusError: this identity may not answer for it.
        """
        subject = f"practicum.{self.run}.from.*.ask.{service}.{verb}"
        answerer = Answerer(subject, handler, self.report)
        link = await self.link()
        await answerer.attach(link)
        await link.settle(admin.API_TIMEOUT_S)
        if self._refused_subscription == subject.lower():
            raise BusError(f"{self.source} may not answer for {service}")
        self._answerers.append(answerer)

    async def close(self) -> None:
        """Send what is posted, give it a moment to be stored, then close. Safe to call twice."""
        if self._keeper.closed:
            return
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._publisher.flush()
        except (TimeoutError, BusError) as error:
            self.report(BusError(f"closing as {self.source}: {error}"))
        for answerer in self._answerers:
            await answerer.close()
        for subscription in list(self._subscriptions):
            await subscription.close()
        await self._keeper.close()
        self._end(f"{self.source}'s connection to the message bus is closed")

    def report(self, error: BusError) -> None:
        """Tell whoever listens for failures; the log otherwise."""
        if self._on_error is not None:
            self._on_error(error)
        else:
            _log.warning("bus_error", source=self.source, error=str(error))

    async def _attach(self, link: Link) -> None:
        await self._publisher.attach(link)
        await self._asker.attach(link)
        for answerer in self._answerers:
            await answerer.attach(link)
        for subscription in list(self._subscriptions):
            await subscription.attach(link)

    def _detach(self) -> None:
        self._publisher.detach()
        for subscription in self._subscriptions:
            subscription.detach()

    async def _hand_over(self, old: Link, new: Link) -> None:
        # Receipts and replies come once and may come over either link; questions would come over both.
        await self._publisher.attach(new)
        await self._asker.attach(new)
        for answerer in self._answerers:
            await answerer.attach(new)
            old.redirect(answerer.subject, lambda *_: None)
        async with asyncio.TaskGroup() as group:
            for subscription in list(self._subscriptions):
                group.create_task(subscription.hand_over(new))

    def _gave_up(self, reason: str) -> None:
        self.report(BusClosedError(reason))
        for subscription in list(self._subscriptions):
            subscription.finish(BusClosedError(reason))
        self._end(reason)

    def _end(self, reason: str) -> None:
        self._publisher.fail_all(reason)
        self._asker.fail_all(reason)

    def _violated(self, text: str) -> None:
        """The server's asynchronous refusal; nats-py has lower-cased it."""
        match = _VIOLATION.search(text)
        if match is None:
            self.report(BusError(f"the message bus refused something: {text}"))
            return
        kind, subject = match.groups()
        if kind == "subscription":
            self._refused_subscription = subject
            self.report(BusError(f"{self.source} may not listen to {subject}"))
            return
        if self._publisher.refused(subject, "permissions violation") or self._asker.refused(subject, "not permitted"):
            return
        if not any(subscription.refused(subject) for subscription in self._subscriptions):
            self.report(PublishRefusedError(subject))
