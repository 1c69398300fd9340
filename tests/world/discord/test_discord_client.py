"""discord.py, unmodified, against the simulated Discord."""

from __future__ import annotations

import discord
import pytest


async def test_a_client_becomes_ready_and_sees_its_guild(world):
    async with world.bot() as bot:
        assert bot.user.name == "dev-1"
        assert bot.guilds[0].name == "Acme"
        assert {channel.name for channel in bot.guilds[0].text_channels} == {"general", "private"}
        assert {member.name for member in bot.guilds[0].members} >= {"dev-1", "qa", "customer"}


async def test_an_unknown_token_cannot_log_in(world):
    client = discord.Client(intents=discord.Intents.none())
    async with client:
        with pytest.raises(discord.LoginFailure):
            await client.start("unknown")


async def test_a_message_reaches_another_bot_and_the_history(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        sent = await dev.channel("general").send(f"Please test, {qa.user.mention}")
        (heard,) = await qa.hear("message")
        assert (heard.id, heard.content, heard.author.name) == (sent.id, sent.content, "dev-1")
        assert qa.user in heard.mentions
        history = [message.content async for message in qa.channel("general").history()]
        assert history == [sent.content, "Is anybody there?"]
    change = world.change("discord.message.posted")
    assert (change.actor, change.resource) == ("dev-1", "#general")
    assert change.facts["text"] == "Please test, @qa"
    assert change.facts["mentions"] == ["qa"]


async def test_an_outside_person_is_heard(world):
    async with world.bot() as bot:
        id = await world.service.say("general", "customer", "Where is my link?")
        (heard,) = await bot.hear("message")
        assert (str(heard.id), heard.author.bot, heard.author.display_name) == (id, False, "Carla Customer")
