"""The simulated GitHub as a service of the world."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.github import inspecting, rest, seeding, transport
from practicum.world.github.core import SERVICE, Core
from practicum.world.github.sink import Sink
from practicum.world.github.state import Store
from practicum.world.service import CheckSink, WorkflowRunner, WorkflowTrigger, WorldContext


class GitHub:
    """GitHub's REST API under `/github` and git over HTTP under `/git`, with real repositories on disk.

    It is a `SimulatedService`, and the `CheckSink` to which a workflow runner reports.
    """

    name = SERVICE

    def __init__(self, context: WorldContext, runner: WorkflowRunner | None = None, *, rate_limit: int = 5000) -> None:
        """`rate_limit` is the number of calls that each account may make in an hour."""
        self.core = Core(context, runner, rate_limit=rate_limit)
        self._sink: CheckSink = Sink(self.core)
        self.core.sink = self
        self.core.root.mkdir(parents=True, exist_ok=True)
        seeding.add_accounts(self.core)

    def mount(self, app: web.Application) -> None:
        """Add the routes to an application."""
        rest.mount(app, self.core)
        transport.mount(app, self.core)

    async def seed(self, seed: Mapping[str, Json]) -> None:
        """Bring in accounts and repositories; `practicum.world.github.seeding` says what can be asked for.

        Raises:
            UsageError: for a key or value that means nothing.
            ApiError: for a repository that exists or whose name cannot be.
        """
        await seeding.seed(self.core, seed)

    async def reset(self) -> None:
        """Back to accounts without repositories."""
        await self._end_git()
        shutil.rmtree(self.core.root)
        self.core.root.mkdir(parents=True)
        self.core.store = Store()
        self.core.rate.clear()
        self._sink = Sink(self.core)
        seeding.add_accounts(self.core)

    def inspect(self) -> dict[str, Json]:
        """The whole state."""
        return inspecting.inspect(self.core)

    async def close(self) -> None:
        """End what still runs; files stay."""
        await self._end_git()
        if self.core.session is not None:
            await self.core.session.close()
            self.core.session = None

    async def _end_git(self) -> None:
        for repo in self.core.store.repositories.values():
            await repo.git.close()

    async def check_started(self, trigger: WorkflowTrigger, workflow: str, job: str) -> int:
        """A job of a workflow begins: show it as a check run; returns its id."""
        return await self._sink.check_started(trigger, workflow, job)

    async def check_completed(
        self, check: int, *, conclusion: str, title: str, summary: str, log: str, artifacts: Mapping[str, bytes]
    ) -> None:
        """A job of a workflow ended: show how, and tell it."""
        await self._sink.check_completed(
            check, conclusion=conclusion, title=title, summary=summary, log=log, artifacts=artifacts
        )
