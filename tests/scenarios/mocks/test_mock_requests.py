"""Mocks that answer over HTTP."""

from __future__ import annotations

import base64
import json

import pytest
from mock_kit import answer, book, request

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.scenarios.mocks import MockCall
from practicum.scenarios.mocks.patterns import read_pattern


@pytest.mark.parametrize(
    ("pattern", "verb", "path", "found"),
    [
        ("GET /repos/{owner}/{repo}/issues", "GET", "/repos/acme/shop/issues", ("acme", "shop")),
        ("get /repos/{owner}/{repo}/issues", "GET", "/repos/acme/shop/issues/", ("acme", "shop")),
        ("GET /repos/{owner}/{repo}/issues", "POST", "/repos/acme/shop/issues", None),
        ("GET /repos/{owner}/{repo}/issues", "GET", "/repos/acme/shop/issues/5", None),
        ("GET /repos/{owner}/{repo}/issues", "GET", "/api/v3/repos/acme/shop/issues", ("acme", "shop")),
        ("ANY /repos/acme/*", "PATCH", "/repos/acme/shop/issues/5", ("shop/issues/5",)),
        ("* /a/*/c", "PUT", "/a/b/c", ("b",)),
        ("GET /repos/:owner/:repo", "GET", "/repos/acme/shop", ("acme", "shop")),
        ("GET /contents/{path}", "GET", "/contents/docs/a.md", ("docs/a.md",)),
        ("GET /x/{name}", "GET", "/x/a%20b", ("a b",)),
        ("GET https://api.github.com/user", "GET", "/user", ()),
        ("GET /user", "GET", "/users", None),
    ],
)
def test_a_request_fits_a_pattern(pattern: str, verb: str, path: str, found: tuple[str, ...] | None) -> None:
    assert read_pattern(pattern).match(verb, path) == found


@pytest.mark.parametrize("pattern", ["FETCH /x", "GET /x?a=1", "GET /a{b}", "GET /{rest+}/x", "GET x"])
def test_half_a_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError):
        read_pattern(pattern)


def test_path_parameters_are_the_arguments_and_query_and_body_the_input() -> None:
    answers = book(
        "- {service: github, method: 'GET /repos/{owner}/{repo}/issues/{number}',"
        " responseFn: 'return {args, state: input.state, owner: input.owner, five: args[2] === 5}'}"
    )
    found = request(answers, "github", "GET", "/repos/acme/shop/issues/5", state="open")
    assert found is not None
    assert found.value == {"args": ["acme", "shop", 5], "state": "open", "owner": "acme", "five": True}
    assert found.status == 200


def test_conditions_over_http_take_texts_for_numbers_and_commas_for_lists() -> None:
    answers = book(
        "- {service: github, method: listIssues, when: {args: [acme, shop], input: {page: 2,"
        " labels: [a, b], draft: true}}, response: []}"
    )
    named: dict[str, Json] = {"page": "2", "labels": "a,b", "draft": "true"}
    assert request(answers, "github", "GET", "/repos/acme/shop/issues", **named) is not None
    assert request(answers, "github", "GET", "/repos/acme/shop/issues", **{**named, "page": "3"}) is None


@pytest.mark.parametrize(
    ("method", "verb", "path", "value", "body"),
    [
        ("listIssues", "GET", "/repos/a/b/issues", {"issues": [{"number": 1}]}, [{"number": 1}]),
        ("getIssue", "GET", "/repos/a/b/issues/1", {"number": 1}, {"number": 1}),
        (
            "searchIssues",
            "GET",
            "/search/issues",
            [{"number": 1}],
            {"total_count": 1, "incomplete_results": False, "items": [{"number": 1}]},
        ),
        ("searchIssues", "GET", "/repos/a/b/issues", [{"number": 1}], [{"number": 1}]),
        ("issues.listForRepo", "GET", "/repos/a/b/issues", [], []),
        ("getRepository", "GET", "/repos/a/b", {"name": "b"}, {"name": "b"}),
        ("listPullRequests", "GET", "/repos/a/b/pulls", None, []),
        ("getUser", "GET", "/users/ada", {"login": "ada"}, {"login": "ada"}),
    ],
)
def test_names_of_sdks_answer_requests_in_github_s_shape(
    method: str, verb: str, path: str, value: Json, body: Json
) -> None:
    answers = book(f"- {{service: github-service, method: '{method}', responseFn: 'return JSON.parse(context.v)'}}")
    call = MockCall("github", path, (), {}, {"v": json.dumps(value)}, (verb, path))
    found = answers.answer(call).answer
    assert found is not None
    assert found.value == body


def test_a_file_s_text_is_sent_as_github_sends_files() -> None:
    answers = book("- {service: github, method: readFile, when: {input: {path: docs/a.md}}, response: 'Hello'}")
    found = request(answers, "github", "GET", "/repos/a/b/contents/docs/a.md")
    assert found is not None
    assert found.value == {
        "type": "file",
        "name": "a.md",
        "path": "docs/a.md",
        "size": 5,
        "encoding": "base64",
        "content": base64.b64encode(b"Hello").decode(),
    }


def test_what_is_created_is_created_unless_the_mock_says_another_status() -> None:
    text = "- {service: github, method: createIssue, when: {input: {title: T}}, response: {number: 9}}"
    found = request(book(text), "github", "POST", "/repos/a/b/issues", title="T", body="more")
    assert found is not None
    assert found.status == 201
    found = request(book(text[:-1] + ", status: 202}"), "github", "POST", "/repos/a/b/issues", title="T")
    assert found is not None
    assert found.status == 202


def test_a_search_s_qualifiers_are_part_of_the_input() -> None:
    answers = book(
        "- {service: github, method: searchIssues, when: {input: {labels: [bug, critical], state: open, owner: acme}},"
        " response: []}"
    )
    query = "crash repo:acme/shop is:open label:bug label:critical"
    assert request(answers, "github", "GET", "/search/issues", q=query) is not None
    assert request(answers, "github", "GET", "/search/issues", q="crash") is None


def test_a_repository_in_one_word_fits_owner_and_name() -> None:
    answers = book("- {service: github, method: listIssues, when: {args: [acme/shop]}, response: []}")
    assert request(answers, "github", "GET", "/repos/acme/shop/issues") is not None
    assert request(answers, "github", "GET", "/repos/acme/other/issues") is None


@pytest.mark.parametrize(
    "method", ["chat.postMessage", "sendMessage", "POST /chat.postMessage", "POST /api/chat.postMessage"]
)
def test_slack_s_methods_answer_its_web_api(method: str) -> None:
    answers = book(
        f"- {{service: slack, method: '{method}', when: {{input: {{channel: dev}}}}, response: {{ts: '1.2'}}}}"
    )
    found = request(answers, "slack", "POST", "/chat.postMessage", channel="dev", text="hi")
    assert found is not None
    assert (found.status, found.value) == (
        200,
        {"ok": True, "ts": "1.2"},
    )
    assert request(answers, "slack", "POST", "/api/chat.postMessage", channel="dev") is not None
    assert request(answers, "slack", "POST", "/chat.postMessage", channel="other") is None
    assert request(answers, "slack", "POST", "/chat.update", channel="dev") is None


@pytest.mark.parametrize(
    ("service", "method", "verb", "path", "error", "status", "body"),
    [
        (
            *("github", "getRepository", "GET", "/repos/a/b", "{code: NOT_FOUND, message: Not Found}", 404),
            {"message": "Not Found", "documentation_url": "", "status": "404", "code": "NOT_FOUND"},
        ),
        (
            "slack",
            "chat.postMessage",
            "POST",
            "/chat.postMessage",
            "{code: channel_not_found}",
            200,
            {"ok": False, "error": "channel_not_found"},
        ),
        (
            "slack",
            "chat.postMessage",
            "POST",
            "/chat.postMessage",
            "{code: ratelimited, status: 429}",
            429,
            {"ok": False, "error": "ratelimited"},
        ),
        (
            "discord",
            "sendMessage",
            "POST",
            "/api/v10/channels/1/messages",
            "{code: 50013, message: Missing, status: 403}",
            403,
            {"message": "Missing", "code": 50013},
        ),
        (
            "deploy",
            "POST /deployments",
            "POST",
            "/deployments",
            "{code: 503}",
            503,
            {"error": {"code": 503, "message": "", "status": 503}},
        ),
        (
            "deploy",
            "POST /deployments",
            "POST",
            "/deployments",
            "{code: X, status: 200}",
            500,
            {"error": {"code": "X", "message": "", "status": 500}},
        ),
    ],
)
def test_an_error_goes_out_in_the_service_s_shape(
    service: str, method: str, verb: str, path: str, error: str, status: int, body: Json
) -> None:
    found = request(book(f"- {{service: {service}, method: '{method}', error: {error}}}"), service, verb, path)
    assert found is not None
    assert (found.status, found.value) == (status, body)
    assert found.error is not None


def test_more_of_a_path_spelled_out_is_more_specific() -> None:
    answers = book(
        "[{method: 'GET /repos/*', response: rest}, {method: 'GET /repos/{owner}/{repo}', response: holes},"
        " {method: 'GET /repos/acme/shop', response: exact}]"
    )
    said = [request(answers, "github", "GET", path) for path in ("/repos/acme/shop", "/repos/acme/x", "/repos/a/b/c")]
    assert [one.value if one else None for one in said] == ["exact", "rest", "rest"]


def test_a_book_knows_what_it_is_about() -> None:
    answers = book(
        "[{service: github-service, method: searchIssues, response: 1}, {method: query, response: 1},"
        " {service: slack, method: chat.postMessage, response: 1}, {service: GitHub, method: 'GET /user', response: 1}]"
    )
    assert answers.methods() == [("github-service", "searchIssues"), ("", "query"), ("slack", "chat.postMessage")]
    assert answers.services() == ["github-service", "slack"]
    assert answers.has("github", "SearchIssues")
    assert answers.has("anything", "query")
    assert answers.has("github", "GET /search/issues")
    assert answers.has("github", "GET /user")
    assert answers.has("slack", "POST /chat.postMessage")
    assert not answers.has("slack", "POST /chat.update")
    assert not answers.has("github", "GET /users/ada")
    assert answer(answers, "github", "searchissues").value == 1
