"""A gateway on loopback before an upstream that repeats what it was sent."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, ExchangeCompleted
from practicum.clock import WallClock
from practicum.errors import VaultError
from practicum.proctor.access import Grant
from practicum.proctor.gateway import Gateway, Upstream
from practicum.proctor.lease import Lease, LeaseBook
from practicum.proctor.secret import Secret
from practicum.world.server import World, WorldSettings
from practicum.world.service import Credential

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Echo:
    """An upstream; `answer` decides, and every request is kept."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    answer: Handler | None = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            body = await request.read() if self.answer is None else b""
            self.requests.append(
                {"method": request.method, "path": request.raw_path, "headers": dict(request.headers), "body": body}
            )
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response({"path": request.raw_path, "headers": dict(request.headers)})


@dataclass
class Published:
    """One event that the gateway published."""

    data: Data
    cause: str | None
    id: str | None
    provenance: str


@dataclass
class Stand:
    """A gateway with everything around it."""

    gateway: Gateway
    leases: LeaseBook
    echo: Echo
    secrets: dict[str, str]
    client: aiohttp.ClientSession
    events: list[Published] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return self.gateway.url

    async def until(self, condition: Callable[[], Any]) -> Any:
        """What `condition` gives once it gives something; it is looked at when an event is published."""
        async with asyncio.timeout(30):
            while not (found := condition()):
                self.news.clear()
                await self.news.wait()
        return found

    async def socket(self) -> ExchangeCompleted:
        """The record of the first websocket that has closed."""
        return await self.until(lambda: next((each for each in self.exchanges() if each.status == 101), None))  # type: ignore[no-any-return]

    def exchanges(self) -> list[ExchangeCompleted]:
        return [each.data for each in self.events if isinstance(each.data, ExchangeCompleted)]

    def lease(self, service: str, grant: Grant | None = None, **terms: Any) -> tuple[str, Lease]:
        """A lease token, and the lease."""
        terms.setdefault("ttl", timedelta(minutes=5))
        return self.leases.grant(
            run="r1",
            agent="dev-1",
            service=service,
            credential=service,
            identity="dev-1",
            grant=grant or Grant(service, frozenset({"*"}), EVERYTHING.get(service, {}), rules={"": "developer"}),
            **terms,
        )


EVERYTHING: dict[str, Any] = {
    "github": dict.fromkeys(
        [
            "metadata",
            "contents",
            "issues",
            "pull_requests",
            "checks",
            "statuses",
            "actions",
            "workflows",
            "administration",
            "webhooks",
            "deployments",
        ],
        "write",
    ),
    "slack": dict.fromkeys(["read", "post", "react", "edit", "delete", "files", "manage"], "write"),
    "discord": dict.fromkeys(["read", "post", "react", "edit", "delete", "files", "manage"], "write"),
    "deploy": dict.fromkeys(["read", "deploy", "probe", "rollback", "stop"], "write"),
}


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    upstream = Echo()
    runner = web.ServerRunner(web.Server(upstream.handle), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    upstream.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield upstream
    await runner.cleanup()


@pytest.fixture
async def make_stand(echo: Echo) -> AsyncIterator[Callable[..., Awaitable[Stand]]]:
    stands: list[Stand] = []

    async def make(mode: str = "simulated", **options: Any) -> Stand:
        keys = {
            name: f"{name}-key-" + secrets.token_urlsafe(30)
            for name in ("github", "slack", "discord", "deploy", "anthropic", "openai")
        }

        def credentials(name: str) -> Secret:
            if name not in keys:
                raise VaultError(f"no {name}")
            return Secret(keys[name])

        upstreams = {}
        if mode == "live":
            upstreams = {
                "github": Upstream("live", echo.url + "/api", echo.url + "/web"),
                "slack": Upstream("live", echo.url + "/slackapi", echo.url + "/slackfiles"),
                "discord": Upstream("live", echo.url + "/discordapi", echo.url.replace("http", "ws") + "/discordws"),
                "anthropic": Upstream("live", echo.url + "/anth"),
                "openai": Upstream("live", echo.url + "/oai"),
            }
        leases = LeaseBook(WallClock())
        stand = Stand.__new__(Stand)

        async def publish(
            data: Data, cause: str | None = None, id: str | None = None, provenance: str = "simulated"
        ) -> None:
            stand.events.append(Published(data, cause, id, provenance))
            stand.news.set()

        gateway = Gateway(
            "r1",
            leases,
            credentials,
            upstreams,
            publish,
            WallClock(),
            Secret("admin-" + secrets.token_hex(16)),
            **options,
        )
        await gateway.start()
        gateway.set_world(echo.url)
        stand.__init__(gateway, leases, echo, keys, aiohttp.ClientSession())  # type: ignore[misc]
        stands.append(stand)
        return stand

    yield make
    for stand in stands:
        await stand.client.close()
        await stand.gateway.close()


@pytest.fixture
async def stand(make_stand: Callable[..., Awaitable[Stand]]) -> Stand:
    return await make_stand()


SEEDS: dict[str, Any] = {
    "github": {"repos": {"acme/shortlink": {"files": {"README.md": "hello\n"}, "protected": False}}},
    "slack": {"channels": ["dev", "hr"]},
    "discord": {"channels": ["questions", "board"]},
}


@dataclass
class Team:
    """A gateway before the real simulated services that a module names in `SERVICES`, with a lease for each."""

    stand: Stand
    world: World
    leases: dict[str, tuple[str, Lease]]
    changes: list[tuple[Data, str | None]]

    @property
    def url(self) -> str:
        return self.stand.url

    def token(self, service: str) -> str:
        return self.leases[service][0]


@pytest.fixture
async def team(
    make_stand: Callable[..., Awaitable[Stand]], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Team]:
    stand = await make_stand()
    changes: list[tuple[Data, str | None]] = []

    async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
        changes.append((data, cause))
        return f"world-{len(changes)}"

    accounts = [
        Credential(
            service=service,
            token_sha256=hashlib.sha256(stand.secrets[service].encode()).hexdigest(),
            login="dev-1",
            name="Developer dev-1",
            email="dev-1@team.invalid",
        )
        for service in ("github", "slack", "discord", "deploy")
    ]
    settings = WorldSettings(
        run="r1",
        directory=tmp_path / "world",
        services={name: SEEDS[name] for name in request.module.SERVICES},
        credentials=accounts,
        sandboxes=cast(SandboxProvider, None),  # nothing here runs a workflow
        emit=emit,
    )
    async with World.open(settings) as world:
        stand.gateway.set_world(world.url)
        names = {"github": "acme/shortlink", "slack": "dev", "discord": "questions"}
        leases = {
            service: stand.lease(
                service, Grant(service, frozenset({name}), EVERYTHING[service], rules={"": "developer"})
            )
            for service, name in names.items()
        }
        yield Team(stand, world, leases, changes)
        await stand.client.close()
        await stand.gateway.close()
