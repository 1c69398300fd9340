"""A simulated Discord on a free port, and discord.py on it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import discord
import pytest
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, WorldChanged
from practicum.clock import WallClock
from practicum.world.discord import Discord
from practicum.world.service import EXCHANGE_HEADER, Credential, Credentials, WorldContext


class Bot(discord.Client):
    """A client that remembers what it hears and lets a test wait for it."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.02)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.heard.put_nowait((event, args))
        super().dispatch(event, *args, **kwargs)

    async def hear(self, event: str) -> Any:
        """The arguments of the next event of a name; others are skipped."""
        async with asyncio.timeout(30):
            while True:
                name, args = await self.heard.get()
                if name == event:
                    return args

    def channel(self, name: str) -> discord.TextChannel:
        return next(one for one in self.guilds[0].text_channels if one.name == name)


@dataclass
class DiscordWorld:
    """The service, what it emitted, and how to reach it as somebody."""

    service: Discord
    base_url: str
    tokens: dict[str, str]
    http: aiohttp.ClientSession
    emitted: list[tuple[Data, str | None]] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def bot(self, login: str = "dev-1", intents: discord.Intents | None = None) -> AsyncIterator[Bot]:
        """A discord.py client, ready."""
        bot = Bot(intents or discord.Intents.all())
        async with asyncio.TaskGroup() as tasks, bot:
            tasks.create_task(bot.start(self.tokens[login]))
            await bot.hear("ready")
            if any(guild.unavailable for guild in bot.guilds):
                # On a busy machine the guild comes after `guild_ready_timeout`, and then after `ready`.
                await bot.hear("guild_available")
            yield bot
            await bot.close()

    async def call(
        self, method: str, path: str, *, login: str = "dev-1", cause: str = "", json: object = None
    ) -> tuple[int, Any]:
        """One plain REST call: status and body."""
        headers = {"Authorization": f"Bot {self.tokens[login]}"} | ({EXCHANGE_HEADER: cause} if cause else {})
        async with self.http.request(
            method, f"{self.base_url}/discord/api/v10{path}", headers=headers, json=json
        ) as answer:
            return answer.status, (await answer.json() if answer.status != 204 else None)

    async def channel_id(self, name: str) -> str:
        return next(str(one["id"]) for one in self.service.inspect()["channels"] if one["name"] == name)

    def changes(self) -> list[WorldChanged]:
        return [data for data, _ in self.emitted if isinstance(data, WorldChanged)]

    def change(self, name: str) -> WorldChanged:
        found = [data for data in self.changes() if data.change == name]
        assert len(found) == 1, [data.change for data in self.changes()]
        return found[0]


RIGHTS: dict[str, dict[str, str] | None] = {"dev-1": None, "qa": None, "reader": {"read": "read"}}


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordWorld]:
    tokens = {login: secrets.token_urlsafe(24) for login in RIGHTS}
    accounts = [
        Credential(
            service="discord",
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

    async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
        assert service == "discord"
        emitted.append((data, cause))
        return f"event-{len(emitted)}"

    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as http:
        spawn = cast("Callable[[Coroutine[Any, Any, None]], None]", tasks.create_task)
        context = WorldContext(
            "run", tmp_path, WallClock(), Credentials(accounts), emit, spawn, cast("SandboxProvider", None)
        )
        service = Discord(context)
        app = web.Application(client_max_size=100 * 2**20)
        service.mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        context.base_url = f"http://127.0.0.1:{port}"
        monkeypatch.setattr(Route, "BASE", f"{context.base_url}/discord/api/v10")
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(f"ws://127.0.0.1:{port}/discord/gateway"))
        await service.seed(
            {
                "guild": "Acme",
                "channels": ["general", {"name": "private", "members": ["dev-1"]}],
                "users": [{"login": "customer", "name": "Carla Customer"}],
                "messages": [{"channel": "general", "user": "customer", "text": "Is anybody there?"}],
            }
        )
        yield DiscordWorld(service, context.base_url, tokens, http, emitted)
        await service.close()
        await runner.cleanup()
