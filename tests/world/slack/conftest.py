"""A simulated Slack on a free port, and the official clients on it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, WorldChanged
from practicum.clock import WallClock
from practicum.world.service import EXCHANGE_HEADER, Credential, Credentials, WorldContext
from practicum.world.slack import Slack

E = TypeVar("E", bound=Data)


@dataclass
class SlackWorld:
    """The service, what it emitted, and how to reach it as somebody."""

    service: Slack
    base_url: str
    tokens: dict[str, str]
    emitted: list[tuple[Data, str | None]] = field(default_factory=list)
    told: asyncio.Condition = field(default_factory=asyncio.Condition)

    def client(self, login: str = "dev-1", *, cause: str = "") -> AsyncWebClient:
        headers = {EXCHANGE_HEADER: cause} if cause else {}
        return AsyncWebClient(token=self.tokens[login], base_url=f"{self.base_url}/slack/api/", headers=headers)

    def changes(self) -> list[WorldChanged]:
        return [data for data, _ in self.emitted if isinstance(data, WorldChanged)]

    async def next_event(self, kind: type[E]) -> E:
        """The first event of a class, waited for."""
        async with asyncio.timeout(30), self.told:
            return await self.told.wait_for(
                lambda: next((one for one, _ in self.emitted if isinstance(one, kind)), None)
            )

    async def next_change(self, name: str) -> WorldChanged:
        """The first change of a name, waited for."""
        async with asyncio.timeout(30), self.told:
            return await self.told.wait_for(lambda: next((one for one in self.changes() if one.change == name), None))

    def change(self, name: str) -> WorldChanged:
        found = [data for data in self.changes() if data.change == name]
        assert len(found) == 1, [data.change for data in self.changes()]
        return found[0]


RIGHTS: dict[str, dict[str, str] | None] = {"dev-1": None, "qa": None, "reader": {"read": "read"}}


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
async def slack(tmp_path: Path, clock: WallClock) -> AsyncIterator[SlackWorld]:
    tokens = {login: secrets.token_urlsafe(24) for login in RIGHTS}
    accounts = [
        Credential(
            service="slack",
            token_sha256=hashlib.sha256(tokens[login].encode()).hexdigest(),
            login=login,
            name=f"Agent {login}",
            email=f"{login}@team.invalid",
            kind="bot",
            permissions=rights,
        )
        for login, rights in RIGHTS.items()
    ]
    emitted: list[tuple[Data, str | None]] = []

    told = asyncio.Condition()

    async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
        assert service == "slack"
        async with told:
            emitted.append((data, cause))
            told.notify_all()
        return f"event-{len(emitted)}"

    async with asyncio.TaskGroup() as tasks:
        spawn = cast("Callable[[Coroutine[Any, Any, None]], None]", tasks.create_task)
        context = WorldContext(
            "run", tmp_path, clock, Credentials(accounts), emit, spawn, cast("SandboxProvider", None)
        )
        service = Slack(context)
        app = web.Application(client_max_size=100 * 2**20)
        service.mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        context.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await service.seed(
            {
                "channels": ["dev", "standup", {"name": "board", "private": True, "members": ["dev-1"]}],
                "users": [{"login": "customer", "name": "Carla Customer"}],
                "messages": [{"channel": "dev", "user": "customer", "text": "Is anybody there?"}],
            }
        )
        yield SlackWorld(service, context.base_url, tokens, emitted, told)
        await service.close()
        await runner.cleanup()
