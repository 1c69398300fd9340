"""What a simulated service is, and what it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, Json
from practicum.clock import Clock

EXCHANGE_HEADER = "X-Practicum-Exchange"
"""The gateway names on every request the id of the `exchange.completed` event that will follow."""


class Credential(BaseModel):
    """An account that a service knows. Only the hash of its token ever leaves the proctor."""

    model_config = ConfigDict(frozen=True)

    service: str
    token_sha256: str
    login: str
    """The account's name in the service, such as `dev-1`."""
    name: str
    """What people read: `Developer 1`."""
    email: str
    kind: str = "user"
    """`user`, `bot` or `admin` (may seed and inspect)."""
    permissions: dict[str, str] | None = None
    """Fine-grained permissions of the token, GitHub's names to `read` or `write`; None for all of the account's."""
    repos: tuple[str, ...] | None = None
    """Repositories that the token may see; None for all of the account's."""


class Credentials:
    """Looks tokens up by hash."""

    def __init__(self, entries: Iterable[Credential]) -> None:
        self.entries = tuple(entries)
        self._by_hash = {(entry.service, entry.token_sha256): entry for entry in self.entries}

    def authenticate(self, service: str, token: str) -> Credential | None:
        """The account that `token` opens at `service`, or None."""
        return self._by_hash.get((service, hashlib.sha256(token.encode()).hexdigest()))

    def accounts(self, service: str) -> list[Credential]:
        """Every account of a service, in order."""
        return [entry for entry in self.entries if entry.service == service]


class Emit(Protocol):
    """Publishes an event as `world-{service}` and returns its id when it is stored."""

    async def __call__(self, service: str, data: Data, *, cause: str | None = None) -> str: ...


class Spawn(Protocol):
    """Runs something in the background of the world's task group."""

    def __call__(self, work: Coroutine[Any, Any, None], /) -> None: ...


@dataclass
class WorldContext:
    """What every simulated service is given."""

    run: str
    directory: Path
    """Private to the world; a service keeps its files under `directory / name`."""
    clock: Clock
    credentials: Credentials
    emit: Emit
    spawn: Spawn
    sandboxes: SandboxProvider
    base_url: str = ""
    """`http://127.0.0.1:PORT`, known once the world listens; services build their links from it."""
    extra: dict[str, Any] = field(default_factory=dict)


class SimulatedService(Protocol):
    """One service of the world."""

    name: str

    def mount(self, app: web.Application) -> None:
        """Add the routes, all under `/{name}` (GitHub also `/git`)."""
        ...

    async def seed(self, seed: Mapping[str, Json]) -> None:
        """Bring in the state that the scenario asks for."""
        ...

    async def reset(self) -> None:
        """Back to the state after construction."""
        ...

    def inspect(self) -> dict[str, Json]:
        """The whole state, for evaluators and people."""
        ...

    async def close(self) -> None: ...


def cause_of(request: web.Request) -> str | None:
    """The id of the exchange that a request belongs to."""
    return request.headers.get(EXCHANGE_HEADER)


# Continuous integration: the GitHub service triggers it and shows its results; `practicum.world.actions` runs it.


@dataclass(frozen=True)
class WorkflowTrigger:
    """Something happened in a repository that workflows may listen to."""

    event: str
    """`push`, `pull_request`, `release`, `workflow_dispatch`."""
    repo: str
    repository: Path
    """The bare repository on disk."""
    sha: str
    """The commit to check; workflow files are read from it."""
    ref: str
    """`refs/heads/main`, `refs/pull/5/head`, `refs/tags/v1`."""
    actor: str
    payload: Mapping[str, Json] = field(default_factory=dict)
    cause: str | None = None


class CheckSink(Protocol):
    """Where the runner reports; implemented by the GitHub service as check runs and workflow runs."""

    async def check_started(self, trigger: WorkflowTrigger, workflow: str, job: str) -> int:
        """A job begins; returns the check run's id."""
        ...

    async def check_completed(
        self, check: int, *, conclusion: str, title: str, summary: str, log: str, artifacts: Mapping[str, bytes]
    ) -> None:
        """A job ended. `conclusion` is GitHub's: success, failure, cancelled, timed_out, skipped."""
        ...


class WorkflowRunner(Protocol):
    """Runs the workflows of a repository."""

    async def trigger(self, trigger: WorkflowTrigger, sink: CheckSink) -> int:
        """Read `.github/workflows/*.yml` at the commit and start what matches.

        Returns the number of jobs that were started; each was announced (`job.started` stored, check run queued) before
        this returns, the execution itself goes on in the background.
        """
        ...

    async def close(self) -> None: ...
