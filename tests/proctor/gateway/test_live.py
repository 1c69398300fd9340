"""Live services: links, redirects, webhooks."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from aiohttp import web

from practicum.bus.events import WorldChanged
from practicum.errors import InfrastructureError
from practicum.proctor.access import Grant
from practicum.proctor.gateway.hooks import translate


@pytest.fixture
async def live(make_stand: Any) -> Any:
    return await make_stand("live")


async def test_links_lead_back_and_words_stay_as_they_are(live: Any) -> None:
    up = live.echo.url

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        links = {"Link": f'<{up}/api/repositories/1/issues?page=2>; rel="next", <{up}/api/x?page=9>; rel="last"'}
        body = {
            "url": f"{up}/api/repos/acme/shortlink/issues/1",
            "html_url": f"{up}/web/acme/shortlink/issues/1",
            "_links": {"self": {"href": f"{up}/api/x"}},
            "body": f"see {up}/api/x and {up}/web/y",
            "target_url": "https://ci.invalid/1",
            "config": {"url": "https://elsewhere.invalid/hook"},
        }
        return web.json_response(body, headers=links)

    live.echo.answer = answer
    token, _ = live.lease("github")
    headers = {"Authorization": f"Bearer {token}"}
    async with live.client.get(f"{live.url}/github/repos/acme/shortlink/issues/1", headers=headers) as got:
        raw = await got.read()
        body = json.loads(raw)
        assert int(got.headers["Content-Length"]) == len(raw)
        assert got.headers["Link"].startswith(f"<{live.url}/github/repositories/1/issues?page=2>")
        assert f"<{live.url}/github/x?page=9>" in got.headers["Link"]
    assert body["url"] == f"{live.url}/github/repos/acme/shortlink/issues/1"
    assert body["html_url"] == f"{live.url}/git/acme/shortlink/issues/1"
    assert body["_links"]["self"]["href"] == f"{live.url}/github/x"
    assert body["body"] == f"see {up}/api/x and {up}/web/y"
    assert body["config"]["url"] == "https://elsewhere.invalid/hook"
    assert live.events[0].provenance == "live"


async def test_what_people_read_outside_has_addresses_that_lead_somewhere(live: Any) -> None:
    token, _ = live.lease("slack")
    text = f"review {live.url}/git/acme/shortlink/pull/5 please"
    async with live.client.post(
        f"{live.url}/slack/api/chat.postMessage",
        json={"channel": "dev", "text": text},
        headers={"Authorization": f"Bearer {token}"},
    ):
        pass
    sent = json.loads(live.echo.requests[-1]["body"])
    assert sent["text"] == f"review {live.echo.url}/web/acme/shortlink/pull/5 please"
    assert "X-Practicum-Exchange" not in live.echo.requests[-1]["headers"]


async def test_a_signed_address_becomes_a_ticket(live: Any) -> None:
    elsewhere = live.echo.url.replace("127.0.0.1", "localhost")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path.startswith("/blob"):
            assert "Authorization" not in request.headers
            return web.Response(body=b"PK zip")
        return web.Response(status=302, headers={"Location": f"{elsewhere}/blob?sig=topsecret"})

    live.echo.answer = answer
    token, lease = live.lease("github")
    url = f"{live.url}/github/repos/acme/shortlink/actions/artifacts/1/zip"
    async with live.client.get(url, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False) as got:
        location = got.headers["Location"]
    assert location.startswith(f"{live.url}/github/ticket/")
    async with live.client.get(location) as got:
        assert await got.read() == b"PK zip"
    live.leases.revoke(lease, "operator")
    async with live.client.get(location) as got:
        assert got.status == 401
    assert "topsecret" not in " ".join(each.data.model_dump_json() for each in live.events)
    assert location.rpartition("/")[2] not in " ".join(each.data.model_dump_json() for each in live.events)


async def test_a_comment_on_a_pull_request_needs_only_that_permission(live: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path.endswith("/pulls/5"):
            return web.json_response({"number": 5})
        if request.raw_path.endswith("/pulls/6"):
            return web.json_response({"message": "Not Found"}, status=404)
        return web.json_response({"id": 1}, status=201)

    live.echo.answer = answer
    token, _ = live.lease(
        "github", Grant("github", frozenset({"acme/shortlink"}), {"pull_requests": "write", "issues": "read"})
    )
    for number, status in ((5, 201), (6, 403)):
        async with live.client.post(
            f"{live.url}/github/repos/acme/shortlink/issues/{number}/comments",
            json={"body": "x"},
            headers={"Authorization": f"Bearer {token}"},
        ) as got:
            assert got.status == status


async def test_a_list_of_repositories_shows_only_those_granted(live: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response([{"full_name": "acme/shortlink"}, {"full_name": "acme/payroll"}])

    live.echo.answer = answer
    token, _ = live.lease("github", Grant("github", frozenset({"acme/shortlink"}), {"metadata": "read"}))
    async with live.client.get(f"{live.url}/github/user/repos", headers={"Authorization": f"Bearer {token}"}) as got:
        assert [each["full_name"] for each in await got.json()] == ["acme/shortlink"]


async def test_a_live_repository_wakes_agents_by_signed_webhooks(live: Any) -> None:
    calls: list[tuple[str, str, Any]] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        calls.append((request.method, request.raw_path, json.loads(body) if body else None))
        return web.json_response({"id": 77}, status=201) if request.method == "POST" else web.Response(status=204)

    live.echo.answer = answer
    await live.gateway.listen_to_github("acme/shortlink", "github")
    method, path, wanted = calls[0]
    assert (method, path) == ("POST", "/api/repos/acme/shortlink/hooks")
    url, key = wanted["config"]["url"], wanted["config"]["secret"]
    assert url.startswith(live.url + "/hooks/github/")
    payload = {
        "action": "assigned",
        "issue": {"number": 3, "title": "Shorten", "body": "b", "state": "open", "user": {"login": "lead"}},
        "assignee": {"login": "dev-1"},
        "repository": {"full_name": "acme/shortlink"},
        "sender": {"login": "lead"},
    }
    body = json.dumps(payload).encode()
    signature = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "d-1", "X-Hub-Signature-256": signature}
    for given, status in (
        ({**headers, "X-Hub-Signature-256": "sha256=" + "0" * 64}, 401),
        (headers, 204),
        (headers, 204),  # delivered again: told once
    ):
        async with live.client.post(url, data=body, headers=given) as got:
            assert got.status == status
    async with live.client.post(live.url + "/hooks/github/guessed", data=body, headers=headers) as got:
        assert got.status == 404
    changes = [each for each in live.events if isinstance(each.data, WorldChanged)]
    assert [(each.data.change, each.data.resource, each.provenance) for each in changes] == [
        ("github.issue.assigned", "acme/shortlink#3", "live")
    ]
    assert changes[0].data.facts["assignee"] == "dev-1"
    await live.gateway.close()
    assert calls[-1][:2] == ("DELETE", "/api/repos/acme/shortlink/hooks/77")


async def test_a_webhook_that_github_does_not_take_is_an_error_with_a_hint(live: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"message": "Not Found"}, status=404)

    live.echo.answer = answer
    with pytest.raises(InfrastructureError, match="404"):
        await live.gateway.listen_to_github("acme/shortlink", "github")


@pytest.mark.parametrize(
    ("event", "payload", "change"),
    [
        ("pull_request", {"action": "closed", "pull_request": {"number": 5, "merged": True}}, "pull_request.merged"),
        ("pull_request", {"action": "closed", "pull_request": {"merged": False}}, "pull_request.closed"),
        ("pull_request", {"action": "synchronize", "pull_request": {"number": 5}}, "pull_request.synchronized"),
        ("pull_request_review", {"action": "submitted", "review": {"state": "approved"}}, "review.submitted"),
        ("pull_request_review_comment", {"action": "created", "comment": {}}, "review_comment.created"),
        ("issue_comment", {"action": "created", "issue": {"number": 2}}, "issue_comment.created"),
        ("check_run", {"action": "completed", "check_run": {"conclusion": "success"}}, "check.completed"),
        ("status", {"state": "success"}, "status.created"),
        ("release", {"action": "published", "release": {"tag_name": "v1"}}, "release.published"),
        ("push", {"ref": "refs/heads/main", "commits": []}, "push"),
        ("create", {"ref_type": "tag", "ref": "v1"}, "push"),
        ("check_run", {"action": "created"}, None),
        ("ping", {"zen": "x"}, None),
        ("issues", {"action": None, "issue": 3}, None),
    ],
)  # fmt: skip
def test_deliveries_are_told_in_the_worlds_words(event: str, payload: dict[str, Any], change: str | None) -> None:
    told = translate(event, {"repository": {"full_name": "acme/shortlink"}, "sender": {"login": "ada"}, **payload})
    assert (told.change.removeprefix("github.") if told else None) == change
