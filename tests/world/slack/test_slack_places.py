"""Users, channels, membership, files, permissions and faults through slack-sdk."""

from __future__ import annotations

import contextlib

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from practicum.errors import UsageError
from practicum.world.slack.backend import METHODS
from practicum.world.slack.permissions import ROUTES


@contextlib.contextmanager
def refused(code):
    with pytest.raises(SlackApiError) as error:
        yield error
    assert error.value.response["error"] == code


async def test_every_credential_is_a_bot_user_named_by_its_login(slack):
    me = await slack.client("qa").auth_test()
    assert (me["user"], me["user_id"][0], me["bot_id"][0]) == ("qa", "U", "B")
    profile = (await slack.client().users_info(user=me["user_id"]))["user"]["profile"]
    assert (profile["display_name"], profile["email"]) == ("qa", "qa@team.invalid")
    found = await slack.client().users_lookupByEmail(email="qa@team.invalid")
    assert found["user"]["id"] == me["user_id"]
    assert (await slack.client().bots_info(bot=me["bot_id"]))["bot"]["user_id"] == me["user_id"]
    members = [one["name"] async for part in await slack.client().users_list(limit=2) for one in part["members"]]
    assert members == ["dev-1", "qa", "reader", "customer"]
    assert (await slack.client().team_info())["team"]["id"] == me["team_id"]


async def test_a_new_channel_is_joined_left_and_archived(slack):
    dev, qa = slack.client("dev-1"), slack.client("qa")
    made = (await dev.conversations_create(name="releases"))["channel"]
    with refused("name_taken"):
        await qa.conversations_create(name="releases")
    with refused("invalid_name_specials"):
        await qa.conversations_create(name="No Way!")
    with refused("not_in_channel"):
        await qa.chat_postMessage(channel=made["id"], text="hello")
    await qa.conversations_join(channel=made["id"])
    assert (await qa.conversations_join(channel=made["id"]))["warning"] == "already_in_channel"
    assert len((await dev.conversations_members(channel="releases"))["members"]) == 2
    await dev.conversations_setTopic(channel=made["id"], topic="What goes out")
    assert (await qa.conversations_info(channel=made["id"]))["channel"]["topic"]["value"] == "What goes out"
    await dev.conversations_rename(channel=made["id"], name="shipping")
    await qa.conversations_leave(channel=made["id"])
    with refused("cant_invite_self"):
        await dev.conversations_invite(channel=made["id"], users=made["creator"])
    await dev.conversations_archive(channel=made["id"])
    with refused("is_archived"):
        await dev.chat_postMessage(channel=made["id"], text="too late")
    listed = await dev.conversations_list(exclude_archived=True)
    assert [one["name"] for one in listed["channels"]] == ["dev", "standup"]


async def test_a_private_channel_is_there_for_its_members_only(slack):
    kinds = "public_channel,private_channel"
    seen = await slack.client("dev-1").conversations_list(types=kinds)
    hidden = await slack.client("qa").conversations_list(types=kinds)
    assert {one["name"] for one in seen["channels"]} - {one["name"] for one in hidden["channels"]} == {"board"}
    board = next(one["id"] for one in seen["channels"] if one["name"] == "board")
    with refused("channel_not_found"):
        await slack.client("qa").conversations_history(channel=board)
    await slack.client("dev-1").chat_postMessage(channel=board, text="for us")
    assert slack.change("slack.message.posted").facts["audience"] == ["dev-1"]


async def test_a_direct_message_is_for_two(slack):
    qa = (await slack.client("qa").auth_test())["user_id"]
    dev = slack.client("dev-1")
    opened = (await dev.conversations_open(users=[qa]))["channel"]["id"]
    sent = await dev.chat_postMessage(channel=qa, text="just you")
    assert sent["channel"] == opened
    assert (await slack.client("qa").conversations_history(channel=opened))["messages"][0]["text"] == "just you"
    with refused("channel_not_found"):
        await slack.client("reader").conversations_info(channel=opened)


async def test_an_uploaded_file_is_shown_downloaded_with_a_token_and_deleted(slack):
    dev, qa = slack.client("dev-1"), slack.client("qa")
    channel = (await dev.conversations_list())["channels"][0]["id"]
    uploaded = await dev.files_upload_v2(
        channel=channel, filename="notes.md", content="# Notes", title="Notes", initial_comment="Read this"
    )
    file = (await qa.files_info(file=uploaded["file"]["id"]))["file"]
    assert (file["name"], file["title"], file["size"], file["mimetype"]) == ("notes.md", "Notes", 7, "text/markdown")
    assert slack.change("slack.file.shared").facts["file"] == "notes.md"
    message = (await qa.conversations_history(channel=channel, limit=1))["messages"][0]
    assert (message["text"], message["files"][0]["id"]) == ("Read this", file["id"])
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {slack.tokens['qa']}"}
        async with http.get(file["url_private"], headers=headers) as answer:
            assert await answer.read() == b"# Notes"
        async with http.get(file["url_private"]) as answer:
            assert answer.status == 401
    with refused("cant_delete_file"):
        await qa.files_delete(file=file["id"])
    await dev.files_delete(file=file["id"])
    with refused("file_not_found"):
        await qa.files_info(file=file["id"])


async def test_an_upload_address_works_once_and_a_file_without_bytes_cannot_be_completed(slack):
    client = slack.client()
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    with refused("file_upload_incomplete"):
        await client.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": "A"}])
    async with aiohttp.ClientSession() as http:
        statuses = []
        for _ in range(2):
            async with http.post(asked["upload_url"], data=b"abc") as answer:
                statuses.append(answer.status)
    assert statuses == [200, 404]


async def test_a_token_that_may_only_read_is_told_the_scope_it_lacks(slack):
    client = slack.client("reader")
    assert (await client.conversations_history(channel="dev"))["messages"]
    with refused("missing_scope") as error:
        await client.chat_postMessage(channel="dev", text="x")
    assert error.value.response["needed"] == "chat:write"
    assert "channels:history" in error.value.response["provided"]
    assert "chat:write" not in error.value.response["provided"]


async def test_every_method_has_its_permission_and_every_permission_its_method():
    assert set(METHODS) == set(ROUTES)


async def test_get_json_and_form_calls_are_one(slack):
    headers = {"Authorization": f"Bearer {slack.tokens['dev-1']}"}
    url = f"{slack.base_url}/slack/api/"
    async with aiohttp.ClientSession() as http:
        async with http.get(url + "conversations.history?channel=dev", headers=headers) as answer:
            assert (await answer.json())["ok"]
        async with http.post(url + "chat.postMessage", json={"channel": "dev", "text": "j"}, headers=headers) as answer:
            assert (await answer.json())["message"]["text"] == "j"
        form = {"token": slack.tokens["dev-1"], "channel": "dev", "text": "f"}
        async with http.post(url + "chat.postMessage", data=form) as answer:
            assert (await answer.json())["message"]["text"] == "f"
        async with http.post(url + "no.suchMethod", headers=headers) as answer:
            assert (await answer.json())["error"] == "unknown_method"
        async with http.post(
            url + "chat.postMessage", data="{", headers=headers | {"Content-Type": "application/json"}
        ) as answer:
            assert (await answer.json())["error"] == "invalid_json"
        async with http.post(url + "auth.test") as answer:
            assert (answer.status, (await answer.json())["error"]) == (401, "not_authed")


async def test_a_rate_limit_is_waited_out_by_the_sdks_own_handler(slack):
    slack.service.rate_limit(method="chat.postMessage", retry_after=1)
    with refused("ratelimited") as error:
        await slack.client().chat_postMessage(channel="dev", text="x")
    assert error.value.response.headers["Retry-After"] == "1"
    slack.service.rate_limit(retry_after=1)
    client = slack.client()
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await client.chat_postMessage(channel="dev", text="again"))["ok"]


async def test_an_agent_is_never_spoken_for_and_an_unknown_channel_is_named(slack):
    with pytest.raises(UsageError, match="speaks for itself"):
        await slack.service.say("dev", "qa", "I did it")
    with pytest.raises(UsageError, match="nowhere"):
        await slack.service.say("nowhere", "customer", "hello")


async def test_a_seed_of_another_form_is_refused(slack):
    with pytest.raises(UsageError, match="chanels"):
        await slack.service.seed({"chanels": ["dev"]})


async def test_reset_leaves_the_accounts_and_nothing_else(slack):
    await slack.client().chat_postMessage(channel="dev", text="x")
    await slack.service.reset()
    state = slack.service.inspect()
    assert state["channels"] == []
    assert [user["login"] for user in state["users"]] == ["dev-1", "qa", "reader"]
    assert (await slack.client().auth_test())["user"] == "dev-1"
