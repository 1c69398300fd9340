"""What every part of the simulated GitHub works with: the state, the clock, the links, and the voice on the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from practicum.bus.events import Json, WorldChanged
from practicum.world.github.state import Account, Repository, Store
from practicum.world.service import CheckSink, WorkflowRunner, WorldContext

SERVICE = "github"


@dataclass(frozen=True)
class Cause:
    """Who does something, and which exchange it answers."""

    actor: str
    event: str | None = None


@dataclass
class Core:
    """The shared heart; operations are functions over it."""

    context: WorldContext
    runner: WorkflowRunner | None
    store: Store = field(default_factory=Store)
    sink: CheckSink | None = None
    rate_limit: int = 5000
    """Calls that a token may make in an hour."""
    session: aiohttp.ClientSession | None = None
    """For webhook deliveries; made on first use."""
    rate: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Login to (start of the hour, seconds since the epoch; calls since)."""
    deliveries: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))

    @property
    def root(self) -> Path:
        """Where the bare repositories are."""
        return self.context.directory / SERVICE

    @property
    def api(self) -> str:
        """Base of REST links."""
        return f"{self.context.base_url}/github"

    @property
    def html(self) -> str:
        """Base of git remotes and of links for people."""
        return f"{self.context.base_url}/git"

    def now(self) -> datetime:
        """The run's time without fractions of a second, which GitHub does not keep either."""
        return self.context.clock.now().astimezone(UTC).replace(microsecond=0)

    def next_id(self) -> int:
        return self.store.next_id()

    def person(self, login: str) -> Account:
        """The account of a login that is known to exist."""
        return self.store.accounts[login.lower()]

    async def changed(
        self,
        change: str,
        repo: Repository,
        by: Cause,
        facts: Mapping[str, Json],
        *,
        number: int | None = None,
        pack: str = "",
    ) -> None:
        """Tell the run that something changed; returns when that is stored."""
        await self.context.emit(
            SERVICE,
            WorldChanged(
                service=SERVICE,
                change=f"github.{change}",
                actor=by.actor,
                resource=repo.full_name if number is None else f"{repo.full_name}#{number}",
                facts={"repo": repo.full_name, **facts},
                pack=pack,
            ),
            cause=by.event,
        )
