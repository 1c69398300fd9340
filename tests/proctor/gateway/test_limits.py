"""Calls, rate, budget, approvals, time."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from practicum.bus.events import ApprovalRequested, LimitReached
from practicum.proctor.access import Grant


async def get(stand: Any, token: str, path: str = "/github/user") -> tuple[int, Any]:
    async with stand.client.get(stand.url + path, headers={"Authorization": f"Bearer {token}"}) as got:
        return got.status, got.headers


async def test_calls_run_out(stand: Any) -> None:
    token, lease = stand.lease("github", max_calls=2)
    assert [(await get(stand, token))[0] for _ in range(4)] == [200, 200, 403, 403]
    assert (lease.calls, lease.refused) == (2, 2)
    limits = [each.data for each in stand.events if isinstance(each.data, LimitReached)]
    assert [(each.limit, each.of, each.maximum) for each in limits] == [("calls", lease.id, 2)]


async def test_a_fast_agent_is_told_when_to_come_back(stand: Any) -> None:
    token, _ = stand.lease("github", rate_per_s=3)
    answers = [await get(stand, token) for _ in range(4)]
    assert [status for status, _ in answers] == [200, 200, 200, 429]
    assert int(answers[-1][1]["Retry-After"]) >= 1


async def ask_model(stand: Any, token: str, **body: Any) -> tuple[int, Any, Any]:
    question = {"model": "claude-sonnet-4-5", "max_tokens": 1000, "messages": [], **body}
    async with stand.client.post(
        f"{stand.url}/anthropic/v1/messages", json=question, headers={"x-api-key": token}
    ) as got:
        return got.status, await got.json(), got.headers


async def test_a_budget_stops_the_next_question_and_sdks_do_not_retry_it(stand: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        return web.json_response({"content": [], "usage": {"input_tokens": 1_000_000, "output_tokens": 0}})

    stand.echo.answer = answer
    token, lease = stand.lease("anthropic", budget_usd=1.0)
    status, _, _ = await ask_model(stand, token)
    assert status == 200
    assert lease.cost_usd == pytest.approx(3.0)
    assert stand.exchanges()[-1].cost_usd == pytest.approx(3.0)
    status, body, headers = await ask_model(stand, token)
    assert status == 403
    assert "budget of $1.00" in body["error"]["message"]
    assert headers["x-should-retry"] == "false"
    limits = [each.data.limit for each in stand.events if isinstance(each.data, LimitReached)]
    assert limits == ["cost"]


async def test_a_question_that_may_cost_more_than_is_left_is_not_asked(stand: Any) -> None:
    token, _ = stand.lease("anthropic", budget_usd=0.01)
    status, body, _ = await ask_model(stand, token, max_tokens=100_000)
    assert status == 403
    assert "fewer output tokens" in body["error"]["message"]
    assert stand.echo.requests == []


async def test_the_runs_budget_holds_for_all_leases_together(make_stand: Any) -> None:
    stand = await make_stand(budget_usd=1.0)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        return web.json_response({"usage": {"input_tokens": 400_000, "output_tokens": 0}})

    stand.echo.answer = answer
    first, _ = stand.lease("anthropic")
    second, _ = stand.lease("anthropic")
    assert (await ask_model(stand, first))[0] == 200
    status, body, _ = await ask_model(stand, second)
    assert status == 403
    assert "budget of $1.00" in body["error"]["message"]


GRANT = Grant(
    "github",
    frozenset({"acme/shortlink"}),
    {"contents": "write"},
    approval=frozenset({"release.create"}),
    rules={"": "developer", "release.create": "developer: approval github.release.create"},
)


async def release(stand: Any, token: str) -> tuple[int, Any]:
    async with stand.client.post(
        f"{stand.url}/github/repos/acme/shortlink/releases",
        json={"tag_name": "v1"},
        headers={"Authorization": f"Bearer {token}"},
    ) as got:
        return got.status, await got.json()


async def test_an_approved_act_goes_through_while_it_is_held(stand: Any) -> None:
    token, _ = stand.lease("github", GRANT)
    waiting = asyncio.create_task(release(stand, token))
    await stand.until(lambda: stand.events)
    asked = stand.events[0].data
    assert isinstance(asked, ApprovalRequested)
    assert (asked.action, asked.resource) == ("release.create", "acme/shortlink")
    assert not waiting.done()
    await stand.gateway.decide_approval(asked.approval, True, "ada")
    assert (await waiting)[0] == 200


async def test_an_act_decided_later_goes_through_when_it_is_repeated_once(make_stand: Any) -> None:
    stand = await make_stand(approval_hold_s=0.05)
    token, _ = stand.lease("github", GRANT)
    status, body = await release(stand, token)
    asked = stand.events[0].data
    assert status == 403
    assert asked.approval in body["message"]
    await stand.gateway.decide_approval(asked.approval, True, "ada")
    assert (await release(stand, token))[0] == 200
    assert (await release(stand, token))[0] == 403  # one word lets one call through


async def test_a_declined_act_is_refused_with_the_reason(stand: Any) -> None:
    token, _ = stand.lease("github", GRANT)
    waiting = asyncio.create_task(release(stand, token))
    await stand.until(lambda: stand.events)
    await stand.gateway.decide_approval(stand.events[0].data.approval, False, "ada", "not on a Friday")
    status, body = await waiting
    assert status == 403
    assert "not on a Friday" in body["message"]


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_stream_ends_with_its_lease(stand: Any, how: str) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await asyncio.sleep(30)
        return response

    stand.echo.answer = answer
    from datetime import timedelta

    token, lease = stand.lease("anthropic", ttl=timedelta(seconds=1.5 if how == "expired" else 60))
    question = {"model": "claude-sonnet-4-5", "max_tokens": 5, "stream": True}
    async with stand.client.post(
        f"{stand.url}/anthropic/v1/messages", data=json.dumps(question), headers={"x-api-key": token}
    ) as got:
        assert await got.content.readuntil(b"\n\n") == b"data: first\n\n"
        if how == "revoked":
            stand.leases.revoke(lease, "operator")
        with pytest.raises(aiohttp.ClientError):
            async with asyncio.timeout(20):
                await got.content.read()
    assert how in stand.exchanges()[-1].refused
    assert stand.exchanges()[-1].upstream


async def test_a_question_waits_for_what_those_under_way_really_cost(make_stand: Any) -> None:
    stand = await make_stand(budget_usd=1.0)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        arrived.set()
        await go_on.wait()
        return web.json_response({"usage": {"input_tokens": 100, "output_tokens": 1}})

    stand.echo.answer = answer
    first, _ = stand.lease("anthropic")
    second, _ = stand.lease("anthropic")
    asking = asyncio.create_task(ask_model(stand, first, max_tokens=40_000))  # may cost $0.60
    await arrived.wait()
    waiting = asyncio.create_task(ask_model(stand, second, max_tokens=40_000))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    assert len(stand.echo.requests) == 1
    go_on.set()
    assert [(await each)[0] for each in (asking, waiting)] == [200, 200]
    assert not [each for each in stand.events if isinstance(each.data, LimitReached)]
