"""Refusals look like the service's own, name the charter's line, never reach the service, and are recorded."""

from datetime import timedelta
from typing import Any

import pytest

from practicum.proctor.access import Grant

NARROW = Grant(
    "github",
    frozenset({"acme/shortlink"}),
    {"contents": "write", "pull_requests": "write", "issues": "read", "metadata": "read"},
    forbidden=frozenset({"merge", "approve", "branch.delete", "push_default", "force_push"}),
    rules={"": "developer", "merge": "developer: cannot.github.merge"},
)
NOT_ACCESSIBLE = "Resource not accessible by personal access token"
R = "/github/repos/acme/shortlink"


async def call(stand: Any, token: str, method: str, path: str, **options: Any) -> tuple[int, Any, str]:
    async with stand.client.request(
        method, stand.url + path, headers={"Authorization": f"Bearer {token}"}, **options
    ) as got:
        return got.status, await got.json(content_type=None), got.headers.get("X-Practicum-Rule", "")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/github/repos/acme/other", None, 404, "Not Found"),
        ("GET", f"{R}/hooks", None, 403, NOT_ACCESSIBLE),
        ("POST", f"{R}/issues", {"title": "x"}, 403, NOT_ACCESSIBLE),
        ("PUT", f"{R}/pulls/1/merge", {}, 403, NOT_ACCESSIBLE + ": merge is forbidden"),
        ("POST", f"{R}/pulls/1/reviews", {"event": "APPROVE"}, 403, NOT_ACCESSIBLE + ": approve is forbidden"),
        ("DELETE", f"{R}/git/refs/heads/x", None, 403, NOT_ACCESSIBLE + ": branch.delete is forbidden"),
        ("PATCH", f"{R}/git/refs/heads/x", {"force": True}, 403, NOT_ACCESSIBLE + ": force_push is forbidden"),
        ("PUT", f"{R}/contents/a.txt", {"message": "m"}, 403, NOT_ACCESSIBLE + ": push_default is forbidden"),
        ("POST", "/github/graphql", {"query": "{viewer{login}}"}, 404, "Not Found"),
        ("GET", "/github/search/issues?q=secret", None, 404, "Not Found"),
    ],
)  # fmt: skip
async def test_github_says_it_as_github_does(
    stand: Any, method: str, path: str, body: Any, status: int, message: str
) -> None:
    token, lease = stand.lease("github", NARROW)
    got, answer, rule = await call(stand, token, method, path, json=body)
    assert (got, answer["message"]) == (status, message)
    assert rule
    assert [each for each in stand.echo.requests if each["method"] != "GET"] == []
    exchange = stand.exchanges()[-1]
    assert exchange.refused
    assert not exchange.upstream
    assert exchange.status == status
    assert lease.refused == 1


async def test_the_rule_names_the_charters_line(stand: Any) -> None:
    token, _ = stand.lease("github", NARROW)
    _, _, rule = await call(stand, token, "PUT", f"{R}/pulls/1/merge", json={})
    assert rule == "developer: cannot.github.merge"


async def test_a_comment_review_goes_through_where_an_approval_does_not(stand: Any) -> None:
    token, _ = stand.lease("github", NARROW)
    status, _, _ = await call(stand, token, "POST", f"{R}/pulls/1/reviews", json={"event": "COMMENT", "body": "ok"})
    assert status == 200


@pytest.mark.parametrize("bad", ["", "pracl_" + "x" * 43, "expired", "revoked"])
async def test_a_bad_lease_is_bad_credentials(stand: Any, bad: str) -> None:
    token = bad
    if bad == "expired":
        token, _ = stand.lease("github", ttl=timedelta(seconds=-1))
    elif bad == "revoked":
        token, lease = stand.lease("github")
        stand.leases.revoke(lease, "operator")
    status, answer, _ = await call(stand, token, "GET", "/github/user")
    assert (status, answer["message"]) == (401, "Bad credentials")
    assert stand.echo.requests == []


async def test_slack_and_discord_and_models_have_their_own_words(stand: Any) -> None:
    slack, _ = stand.lease("slack", Grant("slack", frozenset({"dev"}), {"read": "read", "post": "write"}))
    status, answer, _ = await call(
        stand, slack, "POST", "/slack/api/chat.postMessage", json={"channel": "#hr", "text": "x"}
    )
    assert (status, answer["ok"], answer["error"]) == (200, False, "channel_not_found")
    _, answer, _ = await call(stand, slack, "POST", "/slack/api/reactions.add", json={"channel": "#dev"})
    assert answer["error"] == "missing_scope"
    _, answer, _ = await call(stand, slack, "POST", "/slack/api/admin.users.list", json={})
    assert answer["error"] == "unknown_method"
    _, answer, _ = await call(stand, "nonsense", "POST", "/slack/api/auth.test", json={})
    assert answer["error"] == "invalid_auth"

    discord, _ = stand.lease("discord", Grant("discord", frozenset({"dev"}), {"read": "read"}))
    status, answer, _ = await call(stand, discord, "GET", "/discord/api/v10/channels/123/messages")
    assert (status, answer["code"]) == (403, 50001)

    model, _ = stand.lease("anthropic", Grant("anthropic", frozenset({"claude-small"})))
    status, answer, _ = await call(stand, model, "POST", "/anthropic/v1/messages", json={"model": "claude-big"})
    assert (status, answer["error"]["type"]) == (403, "permission_error")
    model, _ = stand.lease("openai", Grant("openai", frozenset({"gpt-small"})))
    status, answer, _ = await call(stand, model, "POST", "/openai/v1/responses", json={"model": "gpt-big"})
    assert (status, answer["error"]["code"]) == (403, "permission_denied")
    assert [each for each in stand.echo.requests if each["method"] == "POST"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/github/repos/acme/shortlink/../other",
        "/github/repos/acme/shortlink/%2e%2e/other",
        "/github/repos/acme/shortlink/contents/..%2f..%2f..%2fother",
        "/github/repos/acme%2Fother",
        "/github//repos/acme/other",
        "/github/repos/acme/other/",
        "/github/repos/acme/shortlink;x=1/../other",
        "/github/repos/acme/other%00",
        "/github/repos/acme\\other",
        "/github/repos/acme/%6fther",
        "/github/repos/acme/%256fther",
        "/github/Repos/acme/other",
        "/github/repos/ACME/other",
        "/GITHUB/repos/acme/other",
        "/git/acme/shortlink.git/../other.git/info/refs?service=git-upload-pack",
        "/git/acme/other.git/info/refs?service=git-upload-pack",
        "/git/acme/shortlink.git/HEAD",
        "/git/acme/shortlink.git/info/refs",
        "/git/acme/shortlink.git/info/refs?service=git-upload-pack&service=git-receive-pack",
        "/slack/api/../../github/repos/acme/other",
        "/github/ticket/guessed",
        "/nothing/here",
    ],
)
async def test_a_path_trick_gets_nowhere(stand: Any, path: str) -> None:
    from yarl import URL

    token, _ = stand.lease("github", NARROW)
    url = URL(stand.url + path, encoded=True)
    async with stand.client.get(url, headers={"Authorization": f"token {token}"}) as got:
        assert got.status in (400, 401, 403, 404)
    assert stand.echo.requests == []
    assert len(stand.exchanges()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"event": "COMMENT", "event": "APPROVE"}',
        b'{"event": "APPROVE" ',
        b"event=APPROVE",
        b'["APPROVE"]',
    ],
)
async def test_a_body_with_two_readings_is_refused(stand: Any, body: bytes) -> None:
    token, _ = stand.lease("github", NARROW)
    status, _, _ = await call(stand, token, "POST", f"{R}/pulls/1/reviews", data=body)
    assert status == 400
    assert stand.echo.requests == []


async def test_slack_channels_in_query_and_body_may_not_contradict(stand: Any) -> None:
    token, _ = stand.lease("slack", Grant("slack", frozenset({"dev"}), {"post": "write"}))
    url = "/slack/api/chat.postMessage?channel=hr"
    _, answer, _ = await call(stand, token, "POST", url, data={"channel": "dev", "text": "x"})
    assert answer["error"] == "invalid_arguments"
    assert stand.echo.requests == []


async def test_an_unreachable_service_is_a_502_in_its_own_shape(stand: Any) -> None:
    stand.gateway.set_world("http://127.0.0.1:9")
    token, _ = stand.lease("github")
    status, answer, _ = await call(stand, token, "GET", "/github/user")
    assert status == 502
    assert "could not be reached" in answer["message"]
    assert stand.exchanges()[-1].status == 502
