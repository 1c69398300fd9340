"""REST through discord.py, and Discord's refusals by plain calls."""

from __future__ import annotations

import io

import aiohttp
import discord
import pytest

from practicum.errors import UsageError
from practicum.world.discord.backend import TABLE
from practicum.world.discord.permissions import ROUTES


async def test_a_reply_carries_what_it_answers_and_mentions_its_author(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        question = await dev.channel("general").send("Ready?")
        heard = (await qa.hear("message"))[0]
        answer = await heard.reply("Yes")
        got = (await dev.hear("message"))[0]
        while got.id != answer.id:
            got = (await dev.hear("message"))[0]
        assert got.reference.resolved.id == question.id
        assert dev.user in got.mentions
        silent = await heard.reply("Quietly", mention_author=False)
        assert silent.mentions == []
    assert world.changes()[1].facts["reply_to"] == str(question.id)


async def test_files_travel_with_messages_and_are_read_without_a_token(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        files = [discord.File(io.BytesIO(b"all green"), "report 1.txt", description="the tests")]
        await dev.channel("general").send("Results", files=files)
        attachment = (await qa.hear("message"))[0].attachments[0]
        assert (attachment.filename, attachment.size, attachment.description) == ("report_1.txt", 9, "the tests")
        assert await attachment.read() == b"all green"
        async with world.http.get(attachment.url.partition("?")[0]) as answer:
            assert answer.status == 404
    assert world.change("discord.message.posted").facts["files"] == ["report_1.txt"]


async def test_embeds_and_allowed_mentions(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        embed = discord.Embed(title="Build 7", description="passed").add_field(name="tests", value="14")
        none = discord.AllowedMentions.none()
        sent = await dev.channel("general").send(f"{qa.user.mention} @everyone", embed=embed, allowed_mentions=none)
        assert (sent.mentions, sent.mention_everyone) == ([], False)
        assert sent.embeds[0].fields[0].value == "14"


async def test_history_before_after_and_around(world):
    async with world.bot() as bot:
        channel = bot.channel("general")
        sent = [await channel.send(str(number)) for number in range(6)]

        async def texts(**bounds):
            return [message.content async for message in channel.history(**bounds)]

        assert await texts(before=sent[3], limit=2) == ["2", "1"]
        assert await texts(after=sent[3], oldest_first=True) == ["4", "5"]
        assert await texts(around=sent[2], limit=3) == ["3", "2", "1"]
        await channel.delete_messages(sent[:2])
        with pytest.raises(discord.NotFound) as error:
            await channel.fetch_message(sent[0].id)
        assert error.value.code == 10008


async def test_threads_are_started_posted_in_listed_and_archived(world):
    async with world.bot("dev-1") as dev, world.bot("qa") as qa:
        message = await dev.channel("general").send("About the release")
        thread = await message.create_thread(name="release")
        assert thread.id == message.id
        assert (await qa.hear("thread_create"))[0].name == "release"
        await thread.send("first point")
        heard = (await qa.hear("message"))[0]
        while heard.content != "first point":
            heard = (await qa.hear("message"))[0]
        assert heard.channel.parent.name == "general"
        assert [one.id for one in await qa.guilds[0].active_threads()] == [thread.id]
        with pytest.raises(discord.HTTPException) as error:
            await message.create_thread(name="again")
        assert error.value.code == 160004
        await thread.edit(archived=True)
        assert [one.id async for one in dev.channel("general").archived_threads()] == [thread.id]
    facts = world.changes()[-2].facts
    assert (facts["channel"], facts["thread"], facts["text"]) == ("general", "release", "first point")


async def test_pins_webhooks_members_roles_and_direct_messages(world):
    async with world.bot() as bot:
        channel, guild = bot.channel("general"), bot.guilds[0]
        message = await channel.send("remember")
        await message.pin()
        assert [one.id async for one in channel.pins()] == [message.id]
        await message.unpin()
        webhook = await channel.create_webhook(name="ci")
        posted = await webhook.send("build passed", wait=True)
        assert (posted.author.name, posted.webhook_id) == ("ci", webhook.id)
        await webhook.delete()
        with pytest.raises(discord.NotFound):
            await webhook.send("gone")
        assert {member.name async for member in guild.fetch_members()} == {"owner", "dev-1", "qa", "reader", "customer"}
        assert guild.me.guild_permissions.manage_channels
        customer = guild.get_member_named("customer")
        await customer.send("Your link is ready")
        with pytest.raises(discord.Forbidden) as error:
            await guild.get_member_named("qa").send("no bots")
        assert error.value.code == 50007
    direct = [one for one in world.changes() if one.facts.get("private")]
    assert direct[0].facts["audience"] == ["customer", "dev-1"] or direct[0].facts["audience"] == ["dev-1", "customer"]


async def test_commands_are_overwritten_by_the_command_tree(world):
    async with world.bot() as bot:
        tree = discord.app_commands.CommandTree(bot)
        tree.add_command(discord.app_commands.Command(name="status", description="How it goes", callback=_status))
        synced = await tree.sync()
        assert [(one.name, one.id) for one in synced] == [(one.name, one.id) for one in await tree.fetch_commands()]


async def _status(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("well")


@pytest.mark.parametrize(
    ("login", "method", "path", "body", "status", "code"),
    [
        ("dev-1", "GET", "/channels/1", None, 404, 10003),
        ("qa", "GET", "/channels/{private}", None, 403, 50001),
        ("qa", "POST", "/channels/{private}/messages", {"content": "x"}, 403, 50001),
        ("reader", "POST", "/channels/{general}/messages", {"content": "x"}, 403, 50013),
        ("dev-1", "GET", "/channels/{general}/messages/1", None, 404, 10008),
        ("dev-1", "POST", "/channels/{general}/messages", {"content": "  "}, 400, 50006),
        ("dev-1", "PUT", "/channels/{general}/messages/{first}/reactions/abc/@me", None, 404, 10014),
        ("dev-1", "PATCH", "/channels/{general}/messages/{first}", {"content": "mine"}, 403, 50005),
        ("dev-1", "GET", "/users/1", None, 404, 10013),
        ("dev-1", "GET", "/guilds/1", None, 404, 10004),
        ("dev-1", "GET", "/no/such/route", None, 404, 0),
        ("dev-1", "GET", "/channels/{general}/messages?limit=101", None, 400, 50035),
    ],
)
async def test_a_refusal_has_discords_status_and_code(world, login, method, path, body, status, code):
    general = await world.channel_id("general")
    first = world.service.inspect()["channels"][0]["messages"][0]["id"]
    path = path.format(general=general, private=await world.channel_id("private"), first=first)
    given, answer = await world.call(method, path, login=login, json=body)
    assert (given, answer["code"]) == (status, code)
    assert world.emitted == []


async def test_a_long_message_is_refused_with_the_tree_of_errors(world):
    path = f"/channels/{await world.channel_id('general')}/messages"
    status, answer = await world.call("POST", path, json={"content": "x" * 2001})
    assert status == 400
    wrong = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    assert answer == {"message": "Invalid Form Body", "code": 50035, "errors": {"content": {"_errors": [wrong]}}}


async def test_a_call_without_a_known_token_is_unauthorized_on_every_route(world):
    async with aiohttp.ClientSession() as http:
        for template in [*TABLE, "GET /anything"]:
            method, _, path = template.partition(" ")
            async with http.request(method, f"{world.base_url}/discord/api/v10{path}") as answer:
                assert (answer.status, await answer.json()) == (401, {"message": "401: Unauthorized", "code": 0})
                assert answer.headers["Content-Type"] == "application/json"


async def test_the_change_names_its_exchange_and_is_stored_before_the_answer(world):
    path = f"/channels/{await world.channel_id('general')}/messages"
    _, message = await world.call("POST", path, json={"content": "x"}, cause="exchange-9")
    data, cause = world.emitted[-1]
    assert (data.facts["id"], cause) == (message["id"], "exchange-9")


async def test_a_narrow_bucket_is_told_in_headers_and_enforced(world):
    await world.service.seed({"rate_limit": {"calls": 2, "seconds": 1.5}})
    path = f"{world.base_url}/discord/api/v10/channels/{await world.channel_id('general')}"
    headers = {"Authorization": f"Bot {world.tokens['dev-1']}"}
    left = []
    for _ in range(3):
        async with world.http.get(path, headers=headers) as answer:
            left.append((answer.status, answer.headers["X-RateLimit-Remaining"]))
            body = await answer.json()
    assert left == [(200, "1"), (200, "0"), (429, "0")]
    assert 0 < body["retry_after"] <= 1.5
    async with world.bot() as bot:  # discord.py waits for the bucket instead of failing
        for _ in range(3):
            await bot.channel("general").send("x")


async def test_an_injected_rate_limit_is_retried_by_discord_py(world):
    async with world.bot() as bot:
        world.service.rate_limit(route="POST /channels/{channel_id}/messages", retry_after=0.05)
        assert (await bot.channel("general").send("through")).content == "through"


async def test_every_route_has_its_permission_and_every_permission_its_route():
    assert set(TABLE) == set(ROUTES)


async def test_an_agent_is_never_spoken_for_and_a_wrong_seed_is_refused(world):
    with pytest.raises(UsageError, match="speaks for itself"):
        await world.service.say("general", "qa", "I did it")
    with pytest.raises(UsageError, match="nowhere"):
        await world.service.say("nowhere", "customer", "x")
    with pytest.raises(UsageError, match="chanels"):
        await world.service.seed({"chanels": []})


async def test_reset_leaves_the_accounts_and_nothing_else(world):
    await world.service.say("general", "customer", "x")
    await world.service.reset()
    state = world.service.inspect()
    assert state["channels"] == []
    assert [user["login"] for user in state["users"]] == ["owner", "dev-1", "qa", "reader"]
