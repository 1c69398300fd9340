"""Real keys and lease tokens are looked for on every path through the gateway."""

import asyncio
import base64
import json
from typing import Any

from aiohttp import web


def everywhere(stand: Any) -> list[str]:
    return list(stand.secrets.values())


async def test_headers_and_errors_are_filtered(stand: Any) -> None:
    key = stand.secrets["github"]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(
            status=500, reason=f"no {key}", headers={"X-Echo": key, "Location": f"/x?{key}"}, text=f"oops {key}"
        )

    stand.echo.answer = answer
    token, _ = stand.lease("github")
    async with stand.client.get(f"{stand.url}/github/user", headers={"Authorization": f"Bearer {token}"}) as got:
        seen = f"{got.reason} {got.headers} {await got.text()}"
        assert got.status == 500
    assert key not in seen
    assert seen.count("[redacted]") == 4


async def test_a_secret_cut_across_a_stream_is_filtered(stand: Any) -> None:
    key = stand.secrets["github"]
    coded = base64.b64encode(b"password=" + key.encode())

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await response.prepare(request)
        for form in (key.encode(), coded):
            for place in range(0, len(form), 7):
                await response.write(form[place : place + 7])
                await asyncio.sleep(0)
            await response.write(b" | ")
        return response

    stand.echo.answer = answer
    token, _ = stand.lease("github")
    url = f"{stand.url}/git/acme/shortlink/git-upload-pack"
    async with stand.client.post(url, data=b"0000", headers={"Authorization": f"Bearer {token}"}) as got:
        seen = await got.read()
    assert key.encode() not in seen
    assert coded[20:40] not in seen
    assert seen.count(b"[redacted]") == 2


async def test_the_clients_own_credentials_never_go_on(stand: Any) -> None:
    token, _ = stand.lease("slack")
    headers = {
        "Authorization": f"Bearer {token}",
        "Cookie": "session=mine",
        "Proxy-Authorization": "Basic abc",
        "X-Api-Key": "mine",
        "X-Auth-Token": "mine",
        "X-HTTP-Method-Override": "DELETE",
        "X-Forwarded-Host": "evil",
        "X-Original-URL": "/admin",
    }
    body = {"channel": "dev", "text": "hi", "token": token}
    url = f"{stand.url}/slack/api/chat.postMessage?token={token}"
    async with stand.client.post(url, json=body, headers=headers) as got:
        assert got.status == 200
    sent = stand.echo.requests[-1]
    assert token not in str(sent)
    assert json.loads(sent["body"]) == {"channel": "dev", "text": "hi"}
    for name in (
        "Cookie",
        "Proxy-Authorization",
        "X-Api-Key",
        "X-Auth-Token",
        "X-HTTP-Method-Override",
        "X-Original-URL",
    ):
        assert name not in sent["headers"]
    assert sent["headers"]["Authorization"] == "Bearer " + stand.secrets["slack"]


async def test_no_event_holds_a_key_or_a_token(stand: Any) -> None:
    token, _ = stand.lease("slack")
    key = stand.secrets["slack"]
    for url in (
        f"{stand.url}/slack/api/auth.test?token={token}",
        f"{stand.url}/slack/api/{token}",
        f"{stand.url}/slack/api/auth.test?x={key}&token=",
    ):
        async with stand.client.get(url, headers={"Authorization": f"Bearer {token}"}):
            pass
    told = " ".join(each.data.model_dump_json() for each in stand.events)
    assert len(stand.exchanges()) == 3
    assert token not in told
    assert key not in told


async def test_each_service_gets_its_own_key_where_its_api_wants_it(stand: Any) -> None:
    calls = {
        "slack": ("POST", "/slack/api/auth.test", "Bearer", "Authorization", "Bearer "),
        "discord": ("GET", "/discord/api/v10/users/@me", "Bot", "Authorization", "Bot "),
        "deploy": ("GET", "/deploy/v1/apps", "Bearer", "Authorization", "Bearer "),
        "anthropic": ("GET", "/anthropic/v1/models", "", "X-Api-Key", ""),
        "openai": ("GET", "/openai/v1/models", "Bearer", "Authorization", "Bearer "),
    }
    for service, (method, path, scheme, header, prefix) in calls.items():
        token, _ = stand.lease(service)
        headers = {"Authorization": f"{scheme} {token}"} if scheme else {"x-api-key": token}
        async with stand.client.request(method, stand.url + path, headers=headers) as got:
            text = await got.text()
            assert got.status == 200, text
        sent = {name.lower(): value for name, value in stand.echo.requests[-1]["headers"].items()}
        assert sent[header.lower()] == prefix + stand.secrets[service]
        assert not any(key in text for key in everywhere(stand))


async def test_a_lease_of_one_service_opens_no_other(stand: Any) -> None:
    token, _ = stand.lease("slack")
    async with stand.client.get(f"{stand.url}/github/user", headers={"Authorization": f"Bearer {token}"}) as got:
        assert got.status == 401
    assert stand.echo.requests == []


async def test_only_the_inspection_lease_opens_the_world(stand: Any) -> None:
    wrong, _ = stand.lease("github")
    right, _ = stand.lease("inspect")
    async with stand.client.get(f"{stand.url}/inspect/github", headers={"Authorization": f"Bearer {wrong}"}) as got:
        assert got.status == 401
    assert len(stand.exchanges()) == 1
    async with stand.client.get(f"{stand.url}/inspect/github", headers={"Authorization": f"Bearer {right}"}) as got:
        assert got.status == 200
        assert "[redacted]" in await got.text()
    assert stand.echo.requests[-1]["headers"]["Authorization"].startswith("Bearer admin-")
    assert len(stand.exchanges()) == 1


async def test_a_deployed_application_cannot_send_the_proctor_elsewhere(stand: Any) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/private"})

    stand.echo.answer = answer
    token, _ = stand.lease("deploy")
    url = f"{stand.url}/deploy/v1/apps/shortlink/http/"
    headers = {"Authorization": f"Bearer {token}"}
    async with stand.client.get(url, headers=headers, allow_redirects=False) as got:
        assert got.headers["Location"] == "http://127.0.0.1:1/private"
