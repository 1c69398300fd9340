"""Nothing waits that need not, and a small call costs little."""

import asyncio
import gzip
import statistics
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web


async def test_events_of_a_stream_pass_one_by_one(stand: Any) -> None:
    more = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await more.wait()  # the second is sent only when the first has arrived
        await response.write(b"data: 2\n\n")
        return response

    stand.echo.answer = answer
    token, _ = stand.lease("anthropic")
    async with stand.client.post(
        f"{stand.url}/anthropic/v1/messages", json={"model": "m", "max_tokens": 1}, headers={"x-api-key": token}
    ) as got:
        async with asyncio.timeout(20):
            assert await got.content.readuntil(b"\n\n") == b"data: 1\n\n"
            more.set()
            assert await got.content.read() == b"data: 2\n\n"


async def test_a_large_upload_streams_through(stand: Any) -> None:
    received = 0

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal received
        async for chunk in request.content.iter_any():
            received += len(chunk)
        return web.json_response({})

    async def pieces() -> Any:
        for _ in range(200):
            yield b"x" * 100_000

    stand.echo.answer = answer
    token, _ = stand.lease("github")
    url = f"{stand.url}/github/repos/acme/shortlink/releases/1/assets?name=a.zip"
    async with stand.client.post(url, data=pieces(), headers={"Authorization": f"Bearer {token}"}) as got:
        assert got.status == 200
    assert received == 20_000_000
    assert stand.exchanges()[0].request_bytes == 20_000_000


async def test_a_client_that_leaves_ends_the_call_upstream(stand: Any) -> None:
    gone = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b": still here\n\n")
                await asyncio.sleep(0.02)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    stand.echo.answer = answer
    token, _ = stand.lease("anthropic")
    got = await stand.client.post(
        f"{stand.url}/anthropic/v1/messages", json={"model": "m", "max_tokens": 1}, headers={"x-api-key": token}
    )
    await got.content.readany()
    got.close()
    async with asyncio.timeout(20):
        await gone.wait()
    await stand.until(stand.exchanges)


async def test_an_answer_that_breaks_off_is_not_passed_as_whole(stand: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000000"})
        await response.prepare(request)
        await response.write(b"x" * 1000)
        assert request.transport is not None
        request.transport.close()
        return response

    stand.echo.answer = answer
    token, _ = stand.lease("github")
    url = f"{stand.url}/github/repos/acme/shortlink/tarball"
    with pytest.raises(aiohttp.ClientError):
        async with stand.client.get(url, headers={"Authorization": f"Bearer {token}"}) as got:
            await got.read()
    assert len(stand.exchanges()) == 1


async def test_a_small_call_costs_little(stand: Any) -> None:
    """1,000 calls one after another, beside the same calls without a gateway. Shown with `pytest -s`.

    Client, gateway and service share this process, so its time on a processor is the cost, whatever else runs here.
    """
    token, _ = stand.lease("github")
    headers = {"Authorization": f"Bearer {token}"}

    async def spent(url: str, count: int) -> float:
        """Milliseconds a call."""
        taken = []
        for _ in range(count):
            start = time.process_time()
            async with stand.client.get(url, headers=headers) as got:
                await got.read()
            taken.append(time.process_time() - start)
        return statistics.median(taken) * 1000

    direct = await spent(f"{stand.echo.url}/github/user", 300)
    through = await spent(f"{stand.url}/github/user", 1000)
    print(f"direct {direct:.2f} ms, through {through:.2f} ms")
    assert through - direct < 5  # about 1 ms


async def test_a_compressed_answer_is_filtered_although_plain_was_asked_for(stand: Any) -> None:
    key = stand.secrets["github"]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        packed = gzip.compress(f'{{"leak": "{key}"}}'.encode())
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    stand.echo.answer = answer
    token, _ = stand.lease("github")
    async with stand.client.get(f"{stand.url}/github/user", headers={"Authorization": f"Bearer {token}"}) as got:
        assert await got.text() == '{"leak": "[redacted]"}'


async def test_head_has_the_length_and_no_body(stand: Any) -> None:
    token, _ = stand.lease("github")
    url = f"{stand.url}/github/repos/acme/shortlink"
    async with stand.client.head(url, headers={"Authorization": f"Bearer {token}"}) as got:
        assert got.status == 200
        assert int(got.headers["Content-Length"]) > 0
        assert await got.read() == b""


async def test_a_refused_upload_is_not_asked_for(stand: Any) -> None:
    """`Expect: 100-continue`: the body is wanted only when the call may go through."""
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(3):
            sent += 1
            yield b"x" * 1000

    url = f"{stand.url}/github/repos/acme/shortlink/releases/1/assets?name=a.zip"
    async with stand.client.post(url, data=pieces(), headers={"Authorization": "Bearer no"}, expect100=True) as got:
        assert got.status == 401
    assert sent == 0
    token, _ = stand.lease("github")
    headers = {"Authorization": f"Bearer {token}"}
    async with stand.client.post(url, data=pieces(), headers=headers, expect100=True) as got:
        assert got.status == 200
    assert stand.echo.requests[-1]["body"] == b"x" * 3000
