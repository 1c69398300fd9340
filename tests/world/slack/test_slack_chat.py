"""chat.*, history and threads through slack-sdk."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError


async def test_a_posted_message_is_read_back_by_another_bot(slack):
    sent = await slack.client("dev-1", cause="exchange-7").chat_postMessage(channel="#dev", text="Done, <@U1> :tada:")
    history = await slack.client("qa").conversations_history(channel=sent["channel"])
    assert [message["text"] for message in history["messages"]] == ["Done, <@U1> :tada:", "Is anybody there?"]
    assert history["messages"][0]["bot_profile"]["name"] == "dev-1"
    change = slack.change("slack.message.posted")
    assert (change.actor, change.resource) == ("dev-1", "#dev")
    assert change.facts["ts"] == sent["ts"]
    assert change.facts["channel"] == "dev"
    assert slack.emitted[-1][1] == "exchange-7"


async def test_an_unknown_token_gets_401_with_slacks_own_error(slack):
    client = slack.client("dev-1")
    client.token = "somebody-else"
    with pytest.raises(SlackApiError) as error:
        await client.auth_test()
    assert error.value.response["error"] == "invalid_auth"
    assert error.value.response.status_code == 401


async def test_an_outside_person_is_heard_by_everyone_in_the_channel(slack):
    ts = await slack.service.say("dev", "customer", "Where is my link?")
    history = await slack.client("qa").conversations_history(channel="dev", limit=1)
    assert history["messages"][0]["ts"] == ts
    assert "bot_id" not in history["messages"][0]
    assert slack.change("slack.message.posted").facts["author_is_agent"] is False
