"""chat.*, history, threads, reactions and pins through slack-sdk."""

from __future__ import annotations

import contextlib
import math
import time

import pytest
from slack_sdk.errors import SlackApiError


@contextlib.contextmanager
def refused(code):
    with pytest.raises(SlackApiError) as error:
        yield error
    assert error.value.response["error"] == code


async def test_a_posted_message_is_read_back_by_another_bot(slack):
    sent = await slack.client("dev-1", cause="exchange-7").chat_postMessage(channel="#dev", text="Done :tada:")
    history = await slack.client("qa").conversations_history(channel=sent["channel"])
    assert [message["text"] for message in history["messages"]] == ["Done :tada:", "Is anybody there?"]
    assert history["messages"][0]["bot_profile"]["name"] == "dev-1"
    change = slack.change("slack.message.posted")
    assert (change.actor, change.resource) == ("dev-1", "#dev")
    assert (change.facts["ts"], change.facts["channel"]) == (sent["ts"], "dev")
    assert slack.emitted[-1][1] == "exchange-7"


async def test_the_change_is_stored_before_the_caller_gets_its_answer(slack):
    for number in range(5):
        await slack.client().chat_postMessage(channel="dev", text=str(number))
        assert slack.changes()[-1].facts["text"] == str(number)


async def test_timestamps_are_unique_and_increase(slack):
    stamps = [(await slack.client().chat_postMessage(channel="dev", text="x"))["ts"] for _ in range(20)]
    assert stamps == sorted(set(stamps))
    assert all(len(stamp.partition(".")[2]) == 6 for stamp in stamps)


async def test_an_unknown_token_gets_401_with_slacks_own_error(slack):
    client = slack.client("dev-1")
    client.token = "somebody-else"
    with refused("invalid_auth") as error:
        await client.auth_test()
    assert error.value.response.status_code == 401


async def test_an_outside_person_is_heard_by_everyone_in_the_channel(slack):
    ts = await slack.service.say("dev", "customer", "Where is my link?")
    history = await slack.client("qa").conversations_history(channel="dev", limit=1)
    assert history["messages"][0]["ts"] == ts
    assert "bot_id" not in history["messages"][0]
    assert slack.change("slack.message.posted").facts["author_is_agent"] is False


async def test_a_thread_holds_its_replies_and_the_channel_only_the_broadcast_ones(slack):
    dev, qa = slack.client("dev-1"), slack.client("qa")
    parent = await dev.chat_postMessage(channel="dev", text="question")
    first = await qa.chat_postMessage(channel="dev", text="answer", thread_ts=parent["ts"])
    await dev.chat_postMessage(channel="dev", text="solved", thread_ts=first["ts"], reply_broadcast=True)
    thread = await qa.conversations_replies(channel="dev", ts=parent["ts"])
    assert [one["text"] for one in thread["messages"]] == ["question", "answer", "solved"]
    assert thread["messages"][0]["reply_count"] == 2
    assert thread["messages"][1]["parent_user_id"] == parent["message"]["user"]
    shown = [one["text"] for one in (await qa.conversations_history(channel="dev"))["messages"]]
    assert shown == ["solved", "question", "Is anybody there?"]


async def test_history_is_paged_by_cursor_and_bounded_by_time(slack):
    client = slack.client()
    stamps = [(await client.chat_postMessage(channel="standup", text=str(number)))["ts"] for number in range(7)]
    seen = []
    async for part in await client.conversations_history(channel="standup", limit=3):
        seen += [one["text"] for one in part["messages"]]
    assert seen == list("6543210")
    between = await client.conversations_history(channel="standup", oldest=stamps[1], latest=stamps[4])
    assert [one["text"] for one in between["messages"]] == ["3", "2"]
    between = await client.conversations_history(channel="standup", oldest=stamps[1], latest=stamps[4], inclusive=True)
    assert [one["text"] for one in between["messages"]] == ["4", "3", "2", "1"]
    with refused("invalid_cursor"):
        await client.conversations_history(channel="standup", cursor="nonsense")


async def test_only_its_author_changes_or_deletes_a_message(slack):
    dev, qa = slack.client("dev-1"), slack.client("qa")
    sent = await dev.chat_postMessage(channel="dev", text="draft")
    with refused("cant_update_message"):
        await qa.chat_update(channel=sent["channel"], ts=sent["ts"], text="mine")
    with refused("cant_delete_message"):
        await qa.chat_delete(channel=sent["channel"], ts=sent["ts"])
    await dev.chat_update(channel=sent["channel"], ts=sent["ts"], text="final")
    message = (await qa.conversations_history(channel="dev", limit=1))["messages"][0]
    assert (message["text"], "edited" in message) == ("final", True)
    await dev.chat_delete(channel=sent["channel"], ts=sent["ts"])
    with refused("message_not_found"):
        await dev.chat_delete(channel=sent["channel"], ts=sent["ts"])
    assert [one.change for one in slack.changes()] == [
        "slack.message.posted",
        "slack.message.updated",
        "slack.message.deleted",
    ]


async def test_a_deleted_parent_leaves_a_tombstone_over_its_replies(slack):
    client = slack.client()
    parent = await client.chat_postMessage(channel="dev", text="secret plan")
    await client.chat_postMessage(channel="dev", text="reply", thread_ts=parent["ts"])
    await client.chat_delete(channel=parent["channel"], ts=parent["ts"])
    thread = await client.conversations_replies(channel="dev", ts=parent["ts"])
    assert [one.get("subtype") for one in thread["messages"]] == ["tombstone", None]
    assert "secret plan" not in str(slack.service.inspect())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "board", "text": "x"}, "channel_not_found"),
        ({"channel": "dev"}, "no_text"),
        ({"channel": "dev", "text": "x", "markdown_text": "*x*"}, "markdown_text_conflict"),
        ({"channel": "dev", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "dev", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "dev", "text": "x", "blocks": [{"no": "type"}]}, "invalid_blocks"),
        ({"channel": "dev", "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_schema"),
    ],
)
async def test_a_message_that_cannot_be_posted_is_refused_by_slacks_name_for_it(slack, arguments, code):
    with refused(code):
        # not chat_postMessage itself, which warns of a missing text before it sends anything
        await slack.client("qa").api_call("chat.postMessage", json=arguments)
    assert slack.emitted == []


async def test_reactions_are_added_once_and_removed_once(slack):
    dev, qa = slack.client("dev-1"), slack.client("qa")
    sent = await dev.chat_postMessage(channel="dev", text="ship it?")
    where = {"channel": sent["channel"], "timestamp": sent["ts"], "name": "thumbsup"}
    await qa.reactions_add(**where)
    with refused("already_reacted"):
        await qa.reactions_add(**where)
    await dev.reactions_add(**where)
    message = (await dev.reactions_get(channel=sent["channel"], timestamp=sent["ts"]))["message"]
    assert message["reactions"][0]["count"] == 2
    await qa.reactions_remove(**where)
    with refused("no_reaction"):
        await qa.reactions_remove(**where)
    assert [one.facts.get("user") for one in slack.changes() if "reaction" in one.change] == ["qa", "dev-1", "qa"]


async def test_pins_permalinks_me_messages_and_search(slack):
    client = slack.client()
    sent = await client.chat_postMessage(channel="dev", text="The release plan")
    where = {"channel": sent["channel"], "timestamp": sent["ts"]}
    await client.pins_add(**where)
    with refused("already_pinned"):
        await client.pins_add(**where)
    assert (await client.pins_list(channel=sent["channel"]))["items"][0]["message"]["ts"] == sent["ts"]
    await client.pins_remove(**where)
    with refused("no_pin"):
        await client.pins_remove(**where)
    link = (await client.chat_getPermalink(channel=sent["channel"], message_ts=sent["ts"]))["permalink"]
    assert link.endswith(f"{sent['channel']}/p{sent['ts'].replace('.', '')}")
    await client.chat_meMessage(channel="dev", text="waves")
    found = await client.search_messages(query="release in:#dev from:dev-1")
    assert [one["ts"] for one in found["messages"]["matches"]] == [sent["ts"]]
    assert (await client.search_messages(query="release in:standup"))["messages"]["total"] == 0


async def test_an_ephemeral_message_is_told_to_two_and_kept_by_nobody(slack):
    client = slack.client()
    qa = (await slack.client("qa").auth_test())["user_id"]
    await client.chat_postEphemeral(channel="dev", user=qa, text="psst")
    assert slack.change("slack.message.posted").facts["audience"] == ["dev-1", "qa"]
    assert "psst" not in str((await client.conversations_history(channel="dev")).data)


async def test_mentions_are_told_by_login(slack):
    qa = (await slack.client("qa").auth_test())["user_id"]
    await slack.client().chat_postMessage(channel="dev", text=f"<@{qa}> please, and @customer too", link_names=True)
    change = slack.change("slack.message.posted")
    assert change.facts["mentions"] == ["qa", "customer"]
    assert change.facts["text"] == "@qa please, and @customer too"


async def test_a_scheduled_message_is_posted_when_its_time_has_come(slack):
    client = slack.client()
    with refused("time_in_past"):
        await client.chat_scheduleMessage(channel="dev", text="late", post_at=int(time.time()) - 5)
    post_at = math.ceil(time.time() + 1)  # a second at least for the calls that come before it
    soon = await client.chat_scheduleMessage(channel="dev", text="soon", post_at=post_at)
    never = await client.chat_scheduleMessage(channel="dev", text="never", post_at=post_at + 3600)
    waiting = await client.chat_scheduledMessages_list()
    assert [one["id"] for one in waiting["scheduled_messages"]] == [
        soon["scheduled_message_id"],
        never["scheduled_message_id"],
    ]
    await client.chat_deleteScheduledMessage(channel="dev", scheduled_message_id=never["scheduled_message_id"])
    change = await slack.next_change("slack.message.posted")
    assert change.facts["text"] == "soon"
    assert time.time() >= post_at
    assert (await client.chat_scheduledMessages_list())["scheduled_messages"] == []
