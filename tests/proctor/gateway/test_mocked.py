"""Mocks answer at the gateway: what the charter allows, before a credential is put on; all else goes on as ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from practicum.bus.events import Data, MockCalled
from practicum.clock import WallClock
from practicum.errors import BusError
from practicum.proctor.access import Grant
from practicum.proctor.gateway.mocked import MAXIMUM_SHOWN
from practicum.runtime.mocks import MAXIMUM_ANSWER, MockDesk, RunMocks
from practicum.scenarios.mocks import MockBook
from practicum.scenarios.schema import Mock

ISSUES = "/github/repos/acme/shortlink/issues"
MOCKS: list[dict[str, Any]] = [
    {"service": "github", "method": "GET /repos/{owner}/{repo}/issues", "response": [{"number": 41}]},
    {"service": "github", "method": "POST /repos/{owner}/{repo}/issues", "status": 201, "response": {"number": 42}},
    {"service": "slack", "method": "chat.postMessage", "error": {"code": "is_archived", "message": "closed"}},
    {"service": "knowledge-base", "method": "search", "response": {"articles": []}},
    {"service": "knowledge-base", "method": "write", "error": {"code": "READ_ONLY", "message": "no", "status": 409}},
    {"method": "convert", "response": 7.6},
    {"service": "deploy", "method": "GET /v1/apps/{app}/logs", "response": "it ticks"},
    {"service": "archive", "method": "everything", "response": "x" * (MAXIMUM_ANSWER + 1)},
    {"service": "archive", "method": "slowly", "response": 1, "metadata": {"delay": 60_000}},
    {"service": "@acme/odd service", "method": "run", "response": "odd"},
    {
        "service": "github",
        "method": "GET /repos/{owner}/{repo}/issues/{number}",
        "response": {"url": "https://api.github.com/repos/acme/shortlink/issues/1", "body": "https://api.github.com/x"},
    },
]
EVERYTHING = Grant("mocks", frozenset({"*"}), {"call": "write"}, rules={"": "developer"})


class Before:
    """A gateway whose mocks are asked of a desk, without a bus between them."""

    def __init__(self, stand: Any, desk: MockDesk, told: list[MockCalled]) -> None:
        self.stand, self.desk, self.told = stand, desk, told
        self.news = asyncio.Event()

    async def call(self, service: str, method: str, path: str, **options: Any) -> tuple[int, Any]:
        token, _ = self.stand.lease(service, EVERYTHING if service == "mocks" else None)
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        async with self.stand.client.request(method, self.stand.url + path, headers=headers, **options) as got:
            text = await got.text()
            return got.status, json.loads(text) if got.content_type == "application/json" else text

    @property
    def reached(self) -> list[str]:
        return [f"{each['method']} {each['path']}" for each in self.stand.echo.requests]

    @property
    def last(self) -> Any:
        return self.stand.exchanges()[-1]


@pytest.fixture
async def before(make_stand: Callable[..., Awaitable[Any]]) -> Before:
    book = MockBook([Mock.model_validate(mock) for mock in MOCKS], seed=0, clock=WallClock())
    wire = ("github", "slack", "deploy")
    methods = tuple(pair for pair in book.methods() if pair[0] not in wire)
    told: list[MockCalled] = []

    async def publish(data: Data, cause: str | None) -> str:
        assert isinstance(data, MockCalled)
        told.append(data)
        before.news.set()
        return cause or ""

    desk = MockDesk(RunMocks(book, wire, methods), {"dev-1": "developer"}, publish)

    async def ask(verb: str, body: bytes) -> bytes:
        assert verb == "mock"
        return await desk.answer("proctor", body)

    stand = await make_stand(mocked=frozenset({*wire, "mocks"}), ask_launcher=ask)
    before = Before(stand, desk, told)
    return before


async def test_a_mocked_route_is_answered_without_reaching_the_service(before: Before) -> None:
    before.desk.step = 3
    assert await before.call("github", "GET", ISSUES) == (200, [{"number": 41}])
    assert before.reached == []
    assert (before.last.mocked, before.last.upstream, before.last.status) == (True, False, 200)
    assert before.last.route == "GET /repos/{owner}/{repo}/issues"
    assert [(call.service, call.mock, call.agent, call.step) for call in before.told] == [("github", 0, "dev-1", 3)]


async def test_a_route_that_no_mock_is_about_reaches_the_service_and_is_nobodys_call(before: Before) -> None:
    status, answer = await before.call("github", "GET", "/github/repos/acme/shortlink")
    assert status == 200
    assert answer["headers"]["Authorization"].startswith("Bearer [redacted]")
    assert before.reached == ["GET /github/repos/acme/shortlink"]
    assert (before.last.mocked, before.last.upstream) == (False, True)
    assert before.told == []


async def test_a_service_without_mocks_is_not_asked_about(before: Before) -> None:
    status, _ = await before.call("discord", "GET", "/discord/api/v10/users/@me")
    assert status == 200
    assert before.told == []


async def test_what_the_charter_forbids_no_mock_allows(before: Before) -> None:
    reads = Grant("github", frozenset({"acme/shortlink"}), {"issues": "read"}, rules={"": "developer"})
    token, _ = before.stand.lease("github", reads)
    headers = {"Authorization": f"Bearer {token}"}
    async with before.stand.client.post(before.stand.url + ISSUES, json={"title": "x"}, headers=headers) as got:
        assert got.status == 403
    assert before.last.refused.startswith("permission")
    assert not before.last.mocked
    assert before.told == []


async def test_who_judges_sees_what_really_is(before: Before) -> None:
    token, lease = before.stand.lease("github")
    lease.agent = "launcher"
    async with before.stand.client.get(before.stand.url + ISSUES, headers={"Authorization": f"Bearer {token}"}) as got:
        assert got.status == 200
    assert before.reached == [f"GET {ISSUES}"]
    assert before.told == []


async def test_the_body_that_a_mock_was_shown_still_goes_on_whole(before: Before) -> None:
    given = {"state": "closed", "body": "é" * 50_000}
    status, _ = await before.call("github", "PATCH", ISSUES + "/1", json=given)
    assert status == 200
    assert json.loads(before.stand.echo.requests[-1]["body"]) == given


async def test_a_body_too_large_for_mocks_goes_on_and_one_that_none_needs_is_answered_without(before: Before) -> None:
    given = {"title": "x", "body": "y" * (MAXIMUM_SHOWN * 3)}
    status, _ = await before.call("github", "PATCH", ISSUES + "/1", json=given)
    assert status == 200
    assert json.loads(before.stand.echo.requests[-1]["body"]) == given
    assert await before.call("github", "POST", ISSUES, json=given) == (201, {"number": 42})
    assert "more than mocks are shown" in before.told[-1].why
    assert not {"title", "body"} & before.told[-1].input.keys()


async def test_an_answer_too_large_for_the_bus_is_said_to_be(before: Before) -> None:
    status, answer = await before.call("mocks", "POST", "/mocks/archive/everything")
    assert status == 502
    assert f"at most {MAXIMUM_ANSWER} can be sent" in answer["message"]
    assert "can be sent" in before.told[-1].why


async def test_a_method_is_called_by_name_with_its_service_or_without(before: Before) -> None:
    given = {"input": {"query": "refund"}, "args": [1]}
    assert await before.call("mocks", "POST", "/mocks/knowledge-base/search", json=given) == (200, {"articles": []})
    assert await before.call("mocks", "POST", "/mocks/convert", data=b"") == (200, 7.6)
    assert await before.call("mocks", "POST", "/mocks/%40acme%2Fodd%20service/run") == (200, "odd")
    assert before.last.route == "POST /{service}/{method}"
    assert (before.last.service, before.last.mocked, before.last.upstream) == ("mocks", True, False)
    assert before.reached == []


async def test_an_error_by_name_has_code_message_and_status(before: Before) -> None:
    status, answer = await before.call("mocks", "POST", "/mocks/knowledge-base/write")
    assert status == 409
    assert answer == {"error": {"code": "READ_ONLY", "message": "no", "status": 409}}


async def test_an_unknown_method_is_404_with_the_known_ones(before: Before) -> None:
    status, answer = await before.call("mocks", "POST", "/mocks/knowledge-base/serach")
    assert status == 404
    assert answer["error"]["code"] == "UNKNOWN_METHOD"
    assert "knowledge-base.search" in answer["error"]["message"]
    assert "convert" in answer["error"]["message"]
    assert not before.last.mocked


@pytest.mark.parametrize(
    "body", [b"[]", b'"x"', b'{"args": {}}', b'{"input": []}', b'{"other": 1}', b'{"args": [1], "args": [2]}', b"{"]
)
async def test_a_call_by_name_has_one_plain_form(before: Before, body: bytes) -> None:
    status, _ = await before.call("mocks", "POST", "/mocks/convert", data=body)
    assert status == 400
    assert before.told == []


async def test_a_call_by_name_needs_its_own_lease_and_is_a_post(before: Before) -> None:
    token, _ = before.stand.lease("github")
    url = before.stand.url + "/mocks/convert"
    async with before.stand.client.post(url, headers={"Authorization": f"Bearer {token}"}) as got:
        assert got.status == 401
    assert (await before.call("mocks", "GET", "/mocks/convert"))[0] == 404
    assert (await before.call("mocks", "POST", "/mocks/a/b/c"))[0] == 404
    assert before.told == []


async def test_a_call_by_name_counts_on_its_lease(before: Before) -> None:
    token, lease = before.stand.lease("mocks", EVERYTHING, max_calls=1)
    url, headers = before.stand.url + "/mocks/convert", {"Authorization": f"Bearer {token}"}
    for status in (200, 403):
        async with before.stand.client.post(url, headers=headers) as got:
            assert got.status == status
    assert lease.used == {"call:write": 1}


async def test_text_of_the_deploy_target_stays_text(before: Before) -> None:
    assert await before.call("deploy", "GET", "/deploy/v1/apps/clock/logs") == (200, "it ticks")


async def test_a_vendors_address_in_an_answer_leads_to_the_gateway_and_in_words_stays(before: Before) -> None:
    _, answer = await before.call("github", "GET", ISSUES + "/1")
    assert answer["url"] == f"{before.stand.url}{ISSUES}/1"
    assert answer["body"] == "https://api.github.com/x"


async def test_no_key_and_no_lease_reaches_the_launcher_or_the_record(before: Before) -> None:
    token, _ = before.stand.lease("slack")
    key = before.stand.secrets["slack"]
    before.stand.gateway.filter.add(key)  # the proctor has all of its keys there from the start
    body = {"channel": "dev", "token": token, "text": f"my lease is {token}, the key is {key}"}
    async with before.stand.client.post(before.stand.url + "/slack/api/chat.postMessage", json=body) as got:
        answered = await got.text()
    assert before.last.mocked
    told = before.told[-1].model_dump_json() + before.last.model_dump_json() + answered
    assert before.told[-1].input["text"] == "my lease is [redacted], the key is [redacted]"
    assert token not in told
    assert key not in told
    assert "token" not in before.told[-1].input


async def test_a_delay_ends_with_the_lease(before: Before) -> None:
    token, lease = before.stand.lease("mocks", EVERYTHING)
    url = before.stand.url + "/mocks/archive/slowly"
    async with asyncio.timeout(30):
        call = asyncio.create_task(before.stand.client.post(url, headers={"Authorization": f"Bearer {token}"}))
        await before.news.wait()
        before.stand.leases.revoke(lease, "enough")
        assert (await call).status == 401
    assert before.last.refused.startswith("lease")


async def test_when_nobody_can_be_asked_the_call_does_not_go_on(make_stand: Callable[..., Awaitable[Any]]) -> None:
    async def ask(verb: str, body: bytes) -> bytes:
        raise BusError("nobody answers")

    stand = await make_stand(mocked=frozenset({"slack"}), ask_launcher=ask)
    token, _ = stand.lease("slack")
    headers = {"Authorization": f"Bearer {token}"}
    async with stand.client.post(stand.url + "/slack/api/auth.test", headers=headers) as got:
        assert got.status == 502
        assert (await got.json())["error"] == "service_unavailable"
    assert stand.echo.requests == []
