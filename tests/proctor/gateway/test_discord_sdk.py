"""discord.py through the gateway: REST, and the websocket with the lease in IDENTIFY."""

import asyncio
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

SERVICES = ("discord",)


class Bot(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all(), guild_ready_timeout=0.02)
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.is_up, self.has_guild = asyncio.Event(), asyncio.Event()

    async def on_ready(self) -> None:
        self.is_up.set()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        # On a busy machine it comes after `guild_ready_timeout`, and then after `ready`.
        self.has_guild.set()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(message.content)


@pytest.fixture
def redirected(team: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Route, "BASE", f"{team.url}/discord/api/v10")
    address = yarl.URL(team.url.replace("http", "ws") + "/discord/gateway")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", address)
    return team


async def test_discord_py_talks_and_hears_through_the_gateway(redirected: Any) -> None:
    team = redirected
    token, lease = team.leases["discord"]
    bot = Bot()
    async with asyncio.timeout(30), bot:
        running = asyncio.create_task(bot.start(token, reconnect=False))
        await bot.is_up.wait()
        if bot.guilds[0].unavailable:
            await bot.has_guild.wait()
        channels = {each.name: each for each in bot.guilds[0].text_channels}
        await channels["questions"].send("anybody there?")
        assert await bot.heard.get() == "anybody there?"
        with pytest.raises(discord.Forbidden):
            await channels["board"].send("psst")
        await team.world.say("discord", "board", "ada", "not for you")
        await team.world.say("discord", "questions", "ada", "for you")
        assert await bot.heard.get() == "for you"
        assert bot.ws is not None
        assert str(bot.ws.gateway).startswith(team.url.replace("http", "ws"))
        team.stand.leases.revoke(lease, "operator")
        await asyncio.gather(running, return_exceptions=True)
    socket = await team.stand.socket()
    assert "revoked" in socket.refused
    assert socket.agent == "dev-1"


async def test_a_bad_lease_cannot_identify(redirected: Any) -> None:
    url = redirected.url.replace("http", "ws") + "/discord/gateway?v=10&encoding=json"
    async with redirected.stand.client.ws_connect(url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": "pracl_" + "0" * 43, "intents": 1, "properties": {}}})
        closed = await socket.receive()
    assert closed.data == 4004
    assert (await redirected.stand.socket()).refused.startswith("lease: ")
