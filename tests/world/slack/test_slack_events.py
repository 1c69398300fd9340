"""Socket Mode with slack-sdk's own client, and signed delivery to a request URL."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from practicum.bus.events import JobFinished, JobStarted
from practicum.errors import UsageError


@contextlib.asynccontextmanager
async def listening(slack, login="qa"):
    """A Socket Mode client that acknowledges, and a queue of what it was told."""
    heard = asyncio.Queue()
    client = SocketModeClient(app_token=slack.tokens[login], web_client=slack.client(login))

    async def listen(client, request):
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        heard.put_nowait(request)

    client.socket_mode_request_listeners.append(listen)
    await client.connect()
    try:
        yield client, heard
    finally:
        await client.close()


async def next_event(heard, kind="message"):
    async with asyncio.timeout(30):
        while True:
            event = (await heard.get()).payload["event"]
            if event["type"] == kind:
                return event


async def test_socket_mode_hears_messages_mentions_and_reactions(slack):
    async with listening(slack) as (_, heard):
        me = (await slack.client("qa").auth_test())["user_id"]
        sent = await slack.client("dev-1").chat_postMessage(channel="dev", text=f"<@{me}> look")
        event = await next_event(heard)
        assert (event["text"], event["channel"], event["channel_type"]) == (f"<@{me}> look", sent["channel"], "channel")
        assert (await next_event(heard, "app_mention"))["ts"] == sent["ts"]
        await slack.client("dev-1").reactions_add(channel=sent["channel"], timestamp=sent["ts"], name="eyes")
        assert (await next_event(heard, "reaction_added"))["item"]["ts"] == sent["ts"]
        await slack.client("dev-1").chat_update(channel=sent["channel"], ts=sent["ts"], text="never mind")
        assert (await next_event(heard))["subtype"] == "message_changed"


async def test_a_channel_one_is_not_in_is_not_heard(slack):
    async with listening(slack) as (_, heard):
        await slack.service.say("board", "customer", "for the board")
        await slack.service.say("dev", "customer", "for all")
        assert (await next_event(heard))["text"] == "for all"


async def test_what_happens_while_the_client_reconnects_is_not_lost(slack):
    async with listening(slack) as (_, heard):
        await slack.service.say("dev", "customer", "before")
        assert (await next_event(heard))["text"] == "before"
        await slack.service.refresh_sockets()
        await slack.service.say("dev", "customer", "meanwhile")
        assert (await next_event(heard))["text"] == "meanwhile"


async def test_an_event_without_acknowledgement_comes_again(slack):
    opened = await slack.client("qa").apps_connections_open(app_token=slack.tokens["qa"])
    again = await slack.client("qa").apps_connections_open(app_token=slack.tokens["qa"])
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(opened["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            await slack.service.say("dev", "customer", "important")
            first = await socket.receive_json()
        async with http.ws_connect(again["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            second = await socket.receive_json()
        assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
        assert second["envelope_id"] == first["envelope_id"]
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(opened["url"])


@contextlib.asynccontextmanager
async def receiver(secret, statuses=()):
    """An app's own server, which checks every signature with slack-sdk and answers the challenge."""
    bodies, answers = asyncio.Queue(), iter(statuses)
    verifier = SignatureVerifier(secret)

    async def receive(request):
        raw = await request.read()
        if not verifier.is_valid_request(raw, dict(request.headers)):
            return web.Response(status=403)
        body = json.loads(raw)
        if body["type"] == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        bodies.put_nowait((body, dict(request.headers)))
        return web.Response(status=next(answers, 200))

    app = web.Application()
    app.router.add_post("/events", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/events", bodies
    finally:
        await runner.cleanup()


async def test_a_request_url_gets_signed_events_again_when_it_failed(slack):
    secret = secrets.token_hex(16)
    async with receiver(secret, statuses=[500]) as (url, bodies):
        subscription = {"account": "qa", "url": url, "signing_secret": secret, "events": ["message.channels"]}
        await slack.service.seed({"event_subscriptions": [subscription]})
        sent = await slack.client("dev-1").chat_postMessage(channel="dev", text="hello")
        async with asyncio.timeout(30):
            first, second = await bodies.get(), await bodies.get()
            finished = await slack.next_event(JobFinished)
    assert first[0]["event"]["ts"] == second[0]["event"]["ts"] == sent["ts"]
    assert "X-Slack-Retry-Num" not in first[1]
    assert (second[1]["X-Slack-Retry-Num"], second[1]["X-Slack-Retry-Reason"]) == ("1", "http_error")
    assert finished.ok
    assert finished.facts["statuses"] == [500, 200]
    started = [data for data, _ in slack.emitted if isinstance(data, JobStarted)]
    assert [data.job for data in started] == [finished.job]
    assert secret not in str(slack.emitted)


async def test_a_request_url_that_does_not_know_the_challenge_is_refused(slack):
    async with receiver(secrets.token_hex(16)) as (url, _):
        with pytest.raises(UsageError, match="url_verification"):
            await slack.service.seed(
                {"event_subscriptions": [{"account": "qa", "url": url, "signing_secret": secrets.token_hex(16)}]}
            )
