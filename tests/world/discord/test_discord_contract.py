"""Every kind of answer is held to Discord's own description of it."""

from __future__ import annotations

import importlib.util
import urllib.parse
from pathlib import Path

import pytest

pytestmark = [pytest.mark.contract, pytest.mark.timeout(300)]  # the first time a registry answers at its own pace


@pytest.fixture(scope="module")
def description():
    spec = importlib.util.spec_from_file_location(
        "discord_description", Path(__file__).parent / "discord_description.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load()


async def test_answers_match_the_published_description(world, description):
    problems = []

    async def check(schema: str, method: str, path: str, *, json: object = None, status: int = 200, each: bool = False):
        given, body = await world.call(method, path, json=json)
        assert given == status, (method, path, given, body)
        for one in body if each else [body]:
            problems.extend(f"{method} {path}: {schema}: {problem}" for problem in description.problems(schema, one))
        assert not each or body, (method, path)
        return body

    general = await world.channel_id("general")
    await check("UserPIIResponse", "GET", "/users/@me")
    await check("MyGuildResponse", "GET", "/users/@me/guilds", each=True)
    await check("GatewayResponse", "GET", "/gateway")
    await check("GatewayBotResponse", "GET", "/gateway/bot")
    await check("PrivateApplicationResponse", "GET", "/applications/@me")
    guild = (await world.call("GET", "/users/@me/guilds"))[1][0]["id"]
    await check("GuildWithCountsResponse", "GET", f"/guilds/{guild}?with_counts=true")
    await check("GuildChannelResponse", "GET", f"/guilds/{guild}/channels", each=True)
    members = await check("GuildMemberResponse", "GET", f"/guilds/{guild}/members?limit=10", each=True)
    await check("UserResponse", "GET", f"/users/{members[0]['user']['id']}")
    await check("GuildRoleResponse", "GET", f"/guilds/{guild}/roles", each=True)
    await check("GuildChannelResponse", "GET", f"/channels/{general}")
    made = await check(
        "GuildChannelResponse", "POST", f"/guilds/{guild}/channels", json={"name": "Build Log"}, status=201
    )
    await check("GuildChannelResponse", "PATCH", f"/channels/{made['id']}", json={"topic": "Builds"})

    sent = await check(
        "MessageResponse",
        "POST",
        f"/channels/{general}/messages",
        json={"content": "hello @everyone", "embeds": [{"title": "Report", "fields": [{"name": "a", "value": "b"}]}]},
    )
    messages = f"/channels/{general}/messages"
    await check(
        "MessageResponse", "POST", messages, json={"content": "yes", "message_reference": {"message_id": sent["id"]}}
    )
    await world.call("PUT", f"{messages}/{sent['id']}/reactions/{urllib.parse.quote('👍')}/@me")
    await check("MessageResponse", "PATCH", f"{messages}/{sent['id']}", json={"content": "hello again"})
    await check("UserResponse", "GET", f"{messages}/{sent['id']}/reactions/{urllib.parse.quote('👍')}", each=True)
    await check("CreatedThreadResponse", "POST", f"{messages}/{sent['id']}/threads", json={"name": "More"}, status=201)
    await check(
        "CreatedThreadResponse", "POST", f"/channels/{general}/threads", json={"name": "Else", "type": 11}, status=201
    )
    await check("ThreadsResponse", "GET", f"/guilds/{guild}/threads/active")
    await check("ThreadMemberResponse", "GET", f"/channels/{sent['id']}/thread-members", each=True)
    await world.call("PUT", f"{messages}/pins/{sent['id']}")
    await check("PinnedMessagesResponse", "GET", f"{messages}/pins")
    await check("MessageResponse", "GET", messages, each=True)
    await check("MessageResponse", "GET", f"/channels/{sent['id']}/messages", each=True)

    await check("GuildIncomingWebhookResponse", "POST", f"/channels/{general}/webhooks", json={"name": "ci"})
    await check("GuildIncomingWebhookResponse", "GET", f"/channels/{general}/webhooks", each=True)
    me = (await world.call("GET", "/users/@me"))[1]["id"]
    command = [{"name": "status", "description": "How it goes"}]
    await check("ApplicationCommandResponse", "PUT", f"/applications/{me}/commands", json=command, each=True)
    customer = next(one["user"]["id"] for one in members if one["user"]["username"] == "customer")
    await check("PrivateChannelResponse", "POST", "/users/@me/channels", json={"recipient_id": customer})
    await check("Error", "GET", "/channels/1", status=404)
    assert not problems, "\n".join(problems)


async def test_the_description_refuses_what_discord_would_not_send(world, description):
    _, body = await world.call("GET", "/users/@me")
    assert description.problems("UserPIIResponse", {**body, "id": None})
