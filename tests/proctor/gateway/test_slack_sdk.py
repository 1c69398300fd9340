"""slack_sdk through the gateway: Web API, uploads, Socket Mode."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

SERVICES = ("slack",)


async def test_slack_sdk_posts_reads_and_uploads(team: Any) -> None:
    slack = AsyncWebClient(token=team.token("slack"), base_url=f"{team.url}/slack/api/")
    posted = await slack.chat_postMessage(channel="#dev", text="hello")
    history = await slack.conversations_history(channel=posted["channel"])
    assert history["messages"][0]["text"] == "hello"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await slack.chat_postMessage(channel="#hr", text="psst")
    channels = (await slack.conversations_list())["channels"]
    hr = next(each["id"] for each in channels if each["name"] == "hr")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await slack.conversations_history(channel=hr)
    uploaded = await slack.files_upload_v2(channel=posted["channel"], content="a,b\n1,2\n", filename="table.csv")
    assert uploaded["ok"]
    link = (await slack.files_info(file=uploaded["file"]["id"]))["file"]["url_private"]
    assert link.startswith(f"{team.url}/slack/files/")
    headers = {"Authorization": f"Bearer {team.token('slack')}"}
    async with team.stand.client.get(link, headers=headers) as got:
        assert await got.text() == "a,b\n1,2\n"
    assert {each.resource for each in team.stand.exchanges() if each.route.endswith("conversations.history")} == {
        "dev",
        "hr",
    }


async def test_socket_mode_hears_only_the_leases_channels_and_ends_with_it(team: Any) -> None:
    token, lease = team.leases["slack"]
    slack = AsyncWebClient(token=token, base_url=f"{team.url}/slack/api/")
    socket = SocketModeClient(app_token=token, web_client=slack, auto_reconnect_enabled=False)
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen(client: Any, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.payload.get("event", {}).get("type") == "message":
            await heard.put(request.payload["event"]["text"])

    socket.socket_mode_request_listeners.append(listen)
    await socket.connect()
    await team.world.say("slack", "hr", "ada", "not for you")
    await team.world.say("slack", "dev", "ada", "for you")
    async with asyncio.timeout(30):
        assert await heard.get() == "for you"
    assert heard.empty()
    team.stand.leases.revoke(lease, "operator")
    closed = await team.stand.socket()
    await socket.close()
    assert "revoked" in closed.refused
