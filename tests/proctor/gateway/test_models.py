"""The vendors' own SDKs through the gateway: money is counted from answers, JSON and streamed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from aiohttp import web

from practicum.api.prices import PRICES_VARIABLE, UNKNOWN, Price, is_listed, price
from practicum.errors import InvalidFileError
from practicum.proctor.gateway.metering import Meter

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def sse(
    *events: dict[str, Any], named: bool = True, done: bool = False
) -> Callable[..., Awaitable[web.StreamResponse]]:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            name = f"event: {event['type']}\n" if named else ""
            await response.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        if done:
            await response.write(b"data: [DONE]\n\n")
        return response

    return answer


ANTHROPIC_STREAM = (
    {
        "type": "message_start",
        "message": {
            "id": "m1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [],
            "stop_reason": None, "stop_sequence": None,
            "usage": {
                "input_tokens": 1000, "output_tokens": 1, "cache_read_input_tokens": 2000,
                "cache_creation_input_tokens": 400,
            },
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 50},
    },
    {"type": "message_stop"},
)  # fmt: skip


async def test_anthropics_sdk_streams_and_the_lease_pays(stand: Any) -> None:
    stand.echo.answer = sse(*ANTHROPIC_STREAM)
    token, lease = stand.lease("anthropic", budget_usd=5.0)
    async with anthropic.AsyncAnthropic(api_key=token, base_url=f"{stand.url}/anthropic") as client:
        async with client.messages.stream(
            model="claude-sonnet-4-5", max_tokens=100, messages=[{"role": "user", "content": "hi"}]
        ) as stream:
            text = await stream.get_final_text()
        told = len(stand.exchanges())  # the event is there when the agent has the answer
    assert text == "hello"
    assert told == 1
    expected = price("anthropic", "claude-sonnet-4-5")
    assert expected is not None
    assert lease.cost_usd == pytest.approx(expected.cost(1000, 50, 2000, 400))
    record = stand.exchanges()[0]
    assert record.cost_usd == pytest.approx(lease.cost_usd)
    assert record.resource == "claude-sonnet-4-5"
    assert "message_stop" in record.response_body


async def test_openais_sdk_chats_and_the_lease_pays(stand: Any) -> None:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010,
             "prompt_tokens_details": {"cached_tokens": 600}}  # fmt: skip
    stand.echo.answer = sse(
        {**chunk, "choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": None}]},
        {**chunk, "choices": [], "usage": usage},
        named=False,
        done=True,
    )
    token, lease = stand.lease("openai", budget_usd=5.0)
    async with openai.AsyncOpenAI(api_key=token, base_url=f"{stand.url}/openai/v1") as client:
        stream = await client.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        pieces = [each.choices[0].delta.content async for each in stream if each.choices]
        assert len(stand.exchanges()) == 1
    assert pieces == ["hello"]
    expected = price("openai", "gpt-5")
    assert expected is not None
    assert lease.cost_usd == pytest.approx(expected.cost(400, 10, 600))


async def test_sdks_do_not_retry_a_spent_budget(stand: Any) -> None:
    token, lease = stand.lease("anthropic", budget_usd=0.0)
    async with anthropic.AsyncAnthropic(api_key=token, base_url=f"{stand.url}/anthropic") as client:
        with pytest.raises(anthropic.PermissionDeniedError, match="budget"):
            await client.messages.create(
                model="claude-sonnet-4-5", max_tokens=1, messages=[{"role": "user", "content": "hi"}]
            )
    token, _ = stand.lease("openai", budget_usd=0.0)
    async with openai.AsyncOpenAI(api_key=token, base_url=f"{stand.url}/openai/v1") as client:
        with pytest.raises(openai.PermissionDeniedError, match="budget"):
            await client.responses.create(model="gpt-5", input="hi")
    assert lease.refused == 1
    assert len(stand.exchanges()) == 2


async def test_who_leaves_a_stream_early_pays_for_what_came(stand: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in ANTHROPIC_STREAM[:3]:
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        await asyncio.sleep(30)
        return response

    stand.echo.answer = answer
    token, lease = stand.lease("anthropic", budget_usd=5.0)
    question = {"model": "claude-sonnet-4-5", "max_tokens": 10, "stream": True}
    got = await stand.client.post(f"{stand.url}/anthropic/v1/messages", json=question, headers={"x-api-key": token})
    await got.content.readuntil(b"hello")
    got.close()
    record = (await stand.until(stand.exchanges))[0]
    assert record.cost_usd > 0.003  # the input alone
    assert lease.cost_usd == record.cost_usd


async def test_a_vendors_own_rate_limit_reaches_the_sdk(stand: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        return web.json_response({"type": "error"}, status=429, headers={"Retry-After": "7"})

    stand.echo.answer = answer
    token, lease = stand.lease("anthropic", budget_usd=1.0)
    async with stand.client.post(
        f"{stand.url}/anthropic/v1/messages", json={"model": "claude-x", "max_tokens": 1}, headers={"x-api-key": token}
    ) as got:
        assert (got.status, got.headers["Retry-After"]) == (429, "7")
    assert lease.cost_usd == 0


def test_openai_responses_tell_their_usage_at_the_end() -> None:
    meter = Meter("openai", "gpt-5", 10)
    usage = {"input_tokens": 100, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 40}}
    line = b"data: " + json.dumps({"type": "response.completed", "response": {"usage": usage}}).encode() + b"\n\n"
    for place in range(0, len(line), 5):
        meter.feed(line[place : place + 5])
    assert (meter.tokens.input, meter.tokens.output, meter.tokens.cache_read) == (60, 7, 40)


def test_an_answer_without_usage_is_counted_too_high_not_as_nothing() -> None:
    meter = Meter("openai", "gpt-5", 3000)
    meter.feed(b'data: {"choices": []}\n\n' * 100)
    assert meter.cost(200) > 0
    assert meter.cost(500) == 0


def test_the_longest_name_decides_the_price_and_an_unknown_model_is_dear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini, full = price("openai", "gpt-4o-mini-2024-07-18"), price("openai", "gpt-4o-2024-08-06")
    assert mini is not None
    assert full is not None
    assert mini.input < full.input
    assert price("openai", "gpt-99") == UNKNOWN["openai"]
    assert not is_listed("openai", "gpt-99")
    assert price("elsewhere", "x") is None
    file = tmp_path / "prices.json"
    file.write_text('{"openai": {"gpt-99": {"input": 1, "output": 2}}}')
    monkeypatch.setenv(PRICES_VARIABLE, str(file))
    assert price("openai", "gpt-99-turbo") == Price(1, 2, 1, 1)
    broken = tmp_path / "broken.json"
    broken.write_text('{"openai": {"gpt-99": 3}}')
    monkeypatch.setenv(PRICES_VARIABLE, str(broken))
    with pytest.raises(InvalidFileError, match="table of prices"):
        price("openai", "gpt-99")
