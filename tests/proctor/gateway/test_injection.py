import base64
from typing import Any


async def test_a_lease_goes_in_and_the_real_key_comes_out(stand: Any) -> None:
    token, _ = stand.lease("github")
    async with stand.client.get(
        f"{stand.url}/github/repos/acme/shortlink",
        headers={"Authorization": f"token {token}", "X-Practicum-Cause": "ev-1"},
    ) as answer:
        assert answer.status == 200, await answer.text()
        body = await answer.text()
    sent = stand.echo.requests[0]
    assert sent["path"] == "/github/repos/acme/shortlink"
    assert sent["headers"]["Authorization"] == "Bearer " + stand.secrets["github"]
    assert token not in str(sent)
    assert stand.secrets["github"] not in body
    assert "[redacted]" in body
    exchange = stand.exchanges()[0]
    assert exchange.route == "GET /repos/{owner}/{repo}"
    assert stand.events[0].cause == "ev-1"
    assert sent["headers"]["X-Practicum-Exchange"] == stand.events[0].id


async def test_git_gets_its_key_as_a_password(stand: Any) -> None:
    token, _ = stand.lease("github")
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    async with stand.client.get(
        f"{stand.url}/git/acme/shortlink.git/info/refs?service=git-upload-pack",
        headers={"Authorization": f"Basic {basic}"},
    ) as answer:
        assert answer.status == 200, await answer.text()
        body = await answer.text()
    sent = stand.echo.requests[0]["headers"]["Authorization"]
    assert base64.b64decode(sent[6:]).decode() == "x-access-token:" + stand.secrets["github"]
    assert sent[6:] not in body
