"""A run's bus on a real nats-server: keys, stream, mailboxes, and connections that close with the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import nats
from conformance import RUN
from nats.aio.client import Client

from practicum.bus.address import mailbox_filters
from practicum.bus.identity import BusKeys, SourceKind
from practicum.bus.nats import NatsBus, connect_nats, create_mailbox, create_stream, mailbox_name, stream_name
from practicum.bus.nats.credentials import Credentials, Renew
from practicum.bus.server import EmbeddedServer
from practicum.errors import BusError

KINDS: dict[str, SourceKind] = {"launcher": "launcher", "observer": "observer", "proctor": "proctor"}
AGENTS = ("dev-1", "dev-2", "pm")
STREAM = stream_name(RUN)


class NatsTeam:
    def __init__(self, folder: Path, on_exit: Callable[[int, str], None] | None = None) -> None:
        self.keys = BusKeys(RUN, AGENTS)
        self.server = EmbeddedServer(folder, config=self.keys.server_config(), on_exit=on_exit)
        self.errors: list[BusError] = []
        self._open: list[NatsBus | Client] = []

    async def start(self) -> None:
        await self.server.start()
        launcher = await self.connect("launcher")
        await create_stream(launcher)
        for agent in ("dev-1", "dev-2"):
            await create_mailbox(launcher, agent, mailbox_filters(RUN, agent))

    async def stop(self) -> None:
        for one in self._open:
            await one.close()
        await self.server.stop()

    def mint(self, source: str, ttl: float = 600) -> tuple[str, str]:
        kind = KINDS.get(source, "agent")
        consumer = mailbox_name(source) if kind == "agent" else ""
        return self.keys.mint(source, kind, RUN, timedelta(seconds=ttl), stream=STREAM, consumer=consumer)

    async def connect(
        self, source: str, *, ttl: float = 600, renew: Renew | None = None, patience: float = 30
    ) -> NatsBus:
        jwt, seed = self.mint(source, ttl)
        bus = await connect_nats(
            self.server.url,
            run=RUN,
            source=source,
            jwt=jwt,
            seed=seed,
            renew=renew,
            on_error=self.errors.append,
            patience=patience,
        )
        self._open.append(bus)
        return bus

    async def attacker(self, source: str, violations: list[str]) -> Client:
        """Bare nats-py with the identity of `source`: what a hostile agent would do with it."""
        jwt, seed = self.mint(source)

        async def note(error: Exception) -> None:
            violations.append(str(error))

        client = await nats.connect(
            self.server.url,
            user_jwt_cb=jwt.encode,
            signature_cb=Credentials(jwt, seed).sign,
            inbox_prefix=f"_INBOX.{source}",
            error_cb=note,
        )
        self._open.append(client)
        return client
