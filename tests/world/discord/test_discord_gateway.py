"""The gateway protocol itself, spoken by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib

import discord
import pytest
from aiohttp import WSMsgType

ALL = (1 << 0) | (1 << 1) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 15)


class Raw:
    """A bare client of the gateway."""

    def __init__(self, socket):
        self.socket = socket

    async def read(self):
        async with asyncio.timeout(20):
            return json.loads((await self.socket.receive()).data)

    async def until(self, kind):
        while True:
            payload = await self.read()
            if payload["t"] == kind:
                return payload

    async def send(self, op, data):
        await self.socket.send_json({"op": op, "d": data})

    async def closed_with(self):
        async with asyncio.timeout(20):
            while (await self.socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED):
                pass
        return self.socket.close_code


@contextlib.asynccontextmanager
async def connect(world, **query):
    url = f"{world.base_url}/discord/gateway"
    async with world.http.ws_connect(url, params={"v": "10", "encoding": "json", **query}) as socket:
        yield Raw(socket)


async def identify(world, raw, login="dev-1", intents=ALL):
    assert (await raw.read())["op"] == 10
    await raw.send(2, {"token": world.tokens[login], "intents": intents, "properties": {}})
    return await raw.until("READY")


async def test_a_session_resumes_and_hears_what_it_missed(world):
    async with connect(world) as raw:
        ready = await identify(world, raw)
        last = (await raw.until("GUILD_CREATE"))["s"]
    for text in ("one", "two"):
        await world.service.say("general", "customer", text)
    async with connect(world) as raw:
        assert (await raw.read())["op"] == 10
        session = ready["d"]["session_id"]
        await raw.send(6, {"token": world.tokens["dev-1"], "session_id": session, "seq": last})
        missed = [await raw.read() for _ in range(3)]
    assert [one["t"] for one in missed] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [one["d"]["content"] for one in missed[:2]] == ["one", "two"]
    assert [one["s"] for one in missed] == [last + 1, last + 2, last + 3]


@pytest.mark.parametrize("seq", [0, 10_000])
async def test_a_session_that_is_unknown_or_of_the_future_is_invalid(world, seq):
    async with connect(world) as raw:
        ready = await identify(world, raw)
    session = ready["d"]["session_id"] if seq else "unknown"
    async with connect(world) as raw:
        await raw.read()
        await raw.send(6, {"token": world.tokens["dev-1"], "session_id": session, "seq": seq})
        assert await raw.read() == {"op": 9, "d": False, "s": None, "t": None}


async def test_nobody_resumes_the_session_of_another(world):
    async with connect(world) as raw:
        ready = await identify(world, raw)
    async with connect(world) as raw:
        await raw.read()
        await raw.send(6, {"token": world.tokens["qa"], "session_id": ready["d"]["session_id"], "seq": 1})
        assert (await raw.read())["op"] == 9


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (2, {"token": "unknown", "intents": 0}, 4004),
        (2, {"token": "TOKEN", "intents": 1 << 40}, 4013),
        (2, {"token": "TOKEN", "intents": 0, "shard": [2, 1]}, 4010),
        (8, {"guild_id": "1"}, 4003),
        (99, {}, 4001),
    ],
)
async def test_a_wrong_frame_ends_the_connection_with_discords_code(world, op, data, code):
    async with connect(world) as raw:
        await raw.read()
        await raw.send(op, data | ({"token": world.tokens["dev-1"]} if data.get("token") == "TOKEN" else {}))
        assert await raw.closed_with() == code


async def test_what_is_not_json_and_a_second_identify_end_the_connection(world):
    async with connect(world) as raw:
        await raw.read()
        await raw.socket.send_str("{")
        assert await raw.closed_with() == 4002
    async with connect(world) as raw:
        await identify(world, raw)
        await raw.send(2, {"token": world.tokens["dev-1"], "intents": 0})
        assert await raw.closed_with() == 4005


async def test_a_heartbeat_is_acknowledged(world):
    async with connect(world) as raw:
        assert (await raw.read())["d"]["heartbeat_interval"] > 0
        await raw.send(1, None)
        assert (await raw.read())["op"] == 11


async def test_content_is_withheld_without_the_intent_but_not_from_who_is_mentioned(world):
    async with connect(world) as raw:
        ready = await identify(world, raw, intents=(1 << 0) | (1 << 9))
        await world.service.say("general", "customer", "nothing for you")
        await world.service.say("general", "customer", f"<@{ready['d']['user']['id']}> for you")
        first, second = [(await raw.until("MESSAGE_CREATE"))["d"]["content"] for _ in range(2)]
    assert first == ""
    assert second.endswith("for you")


async def test_events_without_their_intent_and_of_hidden_channels_do_not_come(world):
    async with connect(world) as qa, connect(world) as deaf:
        await identify(world, qa, "qa")
        await identify(world, deaf, "qa", intents=1 << 0)
        await world.service.say("private", "customer", "for dev-1 only")
        await world.service.say("general", "customer", "for all")
        assert (await qa.until("MESSAGE_CREATE"))["d"]["content"] == "for all"
        await deaf.send(1, None)
        assert [(await deaf.read())["t"], (await deaf.read())["op"]] == ["GUILD_CREATE", 11]


async def test_zlib_stream_is_one_deflate_stream(world):
    async with connect(world, compress="zlib-stream") as raw:
        inflate = zlib.decompressobj()

        async def read():
            frame = (await raw.socket.receive()).data
            assert frame.endswith(b"\x00\x00\xff\xff")
            return json.loads(inflate.decompress(frame))

        assert (await read())["op"] == 10
        await raw.send(2, {"token": world.tokens["dev-1"], "intents": ALL})
        assert [(await read())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]


async def test_members_are_sent_on_request(world):
    async with connect(world) as raw:
        await identify(world, raw)
        await raw.send(8, {"guild_id": "0", "query": "cust", "limit": 0, "nonce": "n1"})
        chunk = (await raw.until("GUILD_MEMBERS_CHUNK"))["d"]
    assert [member["user"]["username"] for member in chunk["members"]] == ["customer"]
    assert chunk["nonce"] == "n1"


async def test_a_client_told_to_reconnect_resumes_and_misses_nothing(world):
    async with world.bot() as bot:
        await world.service.reconnect_clients()
        await world.service.say("general", "customer", "meanwhile")
        (heard,) = await bot.hear("message")
        assert heard.content == "meanwhile"
        await bot.hear("resumed")


async def test_reactions_edits_deletions_typing_and_channels_are_heard(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        channel = dev.channel("general")
        message = await channel.send("draft")
        await qa.hear("message")
        await message.edit(content="final")
        before, after = await qa.hear("message_edit")
        assert (before.content, after.content) == ("draft", "final")
        await message.add_reaction("👍")
        reaction, user = await qa.hear("reaction_add")
        assert (str(reaction.emoji), user.name) == ("👍", "dev-1")
        await message.remove_reaction("👍", dev.user)
        await qa.hear("reaction_remove")
        await channel.typing()
        assert (await qa.hear("typing"))[1].name == "dev-1"
        made = await dev.guilds[0].create_text_channel("releases", topic="What went out")
        assert (await qa.hear("guild_channel_create"))[0].id == made.id
        await message.delete()
        assert (await qa.hear("message_delete"))[0].id == message.id
    names = [change.change.removeprefix("discord.") for change in world.changes()]
    assert names == [
        "message.posted",
        "message.updated",
        "reaction.added",
        "reaction.removed",
        "channel.created",
        "message.deleted",
    ]


async def test_without_the_message_intent_a_client_hears_no_messages(world):
    intents = discord.Intents(guilds=True)
    async with world.bot("qa", intents) as qa, world.bot("dev-1") as dev:
        await dev.channel("general").send("hello")
        await dev.guilds[0].create_text_channel("next")
        heard = []
        async with asyncio.timeout(20):
            while "guild_channel_create" not in heard:
                heard.append((await qa.heard.get())[0])
        assert "message" not in heard
