"""What is said about mocks at load."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from mock_kit import StillClock, answer, mocks, request

from practicum.scenarios.loader import ManyErrors, load_scenario
from practicum.scenarios.mocks import MockBook, check_mocks, notes
from practicum.scenarios.schema import Mock

COMPAT = Path(__file__).resolve().parents[4] / "shared" / "compat"


def said(text: str) -> list[tuple[str, str]]:
    return [(".".join(map(str, keys)), message) for keys, message in notes(mocks(text), only_code_steps=False)]


def test_texts_that_cannot_be_read_are_named_with_the_place_inside() -> None:
    found = check_mocks(
        mocks(
            """
            - {method: f, when: {matcher: "input.a ==="}, response: 1}
            - method: f
              responseFn: |
                return {
                  a: foo(1)
                }
            - {method: 'GET /a?b=1', response: 1}
            - {method: /repos/x, response: 1}
            - {method: g, when: {matcher: "input.labels.include('x')"}, response: 1}
            """
        )
    )
    assert [(keys, message) for keys, message, _ in found] == [
        ((0, "when", "matcher"), "line 1, column 12: a value is expected, the end stands here"),
        ((1, "responseFn"), "line 2, column 6: the name foo is not known here"),
        ((2, "method"), "a method has no query"),
        ((3, "method"), "a path without a verb"),
        ((4, "when", "matcher"), "line 1, column 13: there is no method .include() here"),
    ]
    assert found[4][2] == "did you mean includes?"


def test_a_scenario_with_such_a_text_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: s\nenvironment: {type: local}\nsetup:\n  mocks:\n    - method: f\n      when:\n"
        "        matcher: input.a ===\n      response: 1\nrun:\n  - {input: hello}\n"
    )
    with pytest.raises(ManyErrors, match=r"s\.yaml:7: setup\.mocks\[0\]\.when\.matcher: line 1, column 12"):
        load_scenario(path)


def test_mocks_without_an_agent_are_noted_once() -> None:
    assert notes(mocks("[{method: f}, {method: f}]"), only_code_steps=True) == [
        ((), "no step has an agent, so no mock can fire")
    ]
    assert notes([], only_code_steps=True) == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[{method: f}]", "0", "gives no answer"),
        ("[{method: f, response: 1}, {method: F, response: 2}]", "1", "never fires: setup.mocks[0]"),
        (
            "[{service: a-service, method: f, when: {input: {x: 1}}, response: 1},"
            " {service: A, method: f, when: {input: {x: 1}, args: null}, response: 2}]",
            "1",
            "never fires: setup.mocks[0]",
        ),
        ("[{method: f, when: {context: {user_id: 5}}, response: 1}]", "0.when.context.user_id", "never holds"),
        ("[{method: f, when: {args: [1], partialArgs: [2]}, response: 1}]", "0.when.partialArgs", "never holds"),
        ("[{method: f, when: {args: [1], partialArgs: [1, 2]}, response: 1}]", "0.when.partialArgs", "never holds"),
        ("[{method: 'GET /a/{b}', when: {args: [1, 2, 3]}, response: 1}]", "0.when.args", "never holds"),
        ("[{method: f, when: {matcher: '1 === 2'}, response: 1}]", "0.when.matcher", "never holds"),
        ("[{method: f, when: {matcher: '1 === 1'}, response: 1}]", "0.when.matcher", "always holds"),
        ("[{method: f, response: 1, metadata: {probability: 0}}]", "0.metadata.probability", "never answers"),
        ("[{method: f, response: 1, metadata: {probability: 0.9}}]", "0.metadata.probability", "answers 90%"),
        ("[{method: f, response: 1, error: {code: X}}]", "0.error", "always comes"),
        ("[{method: f, response: 1, responseFn: '2'}]", "0.response", "never comes"),
        ("[{method: f, error: {code: X, status: 200}}]", "0.error.status", "no status of a failure"),
        ("[{service: github, method: frobnicate, response: 1}]", "0.method", "calls over HTTP do not find it"),
    ],
)
def test_what_can_hardly_be_meant_is_noted(text: str, place: str, message: str) -> None:
    found = said(text)
    assert [key for key, _ in found] == [place]
    assert message in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "[{method: f, response: null}]",
        "[{method: f, response: 1}, {method: f, when: {args: []}, response: 2}]",
        "[{method: f, error: {code: X}, metadata: {probability: 0.3}}, {method: f, response: 1}]",
        "[{service: a, method: f, response: 1}, {service: b, method: f, response: 1}, {method: f, response: 1}]",
        "[{service: github, method: searchIssues, when: {args: [acme/shop]}, response: []}]",
        "[{method: 'GET /repos/{owner}/{repo}', when: {args: [acme/shop]}, response: {}}]",
        "[{method: f, when: {matcher: 'Math.random() < 0.5'}, response: 1}]",
    ],
)
def test_nothing_is_noted_about_what_can_be_meant(text: str) -> None:
    assert said(text) == []
    assert check_mocks(mocks(text)) == []


def compat(name: str) -> MockBook:
    path = COMPAT / f"{name}.scenario.yaml"
    if not path.exists():
        pytest.skip("the files from elsewhere are not here")
    found = [Mock.model_validate(entry) for entry in yaml.safe_load(path.read_text())["setup"]["mocks"]]
    assert check_mocks(found) == []
    assert notes(found, only_code_steps=False) == []
    return MockBook(found, seed=1, clock=StillClock())


def test_files_from_elsewhere_mean_the_same() -> None:
    book = compat("mock-test")
    assert answer(book, "github", "searchIssues", "elizaos/eliza").mock == 0
    assert answer(book, "github", "searchIssues", "other/repo").mock == 1
    assert answer(book, "databaseService", "query", "SELECT * FROM users").mock == 2
    book = compat("advanced-mocking-test")
    assert answer(book, "github", "searchIssues", {"labels": ["bug", "critical"], "state": "open"}).mock == 0
    assert answer(book, "github", "searchIssues", labels=["feature"]).mock == 1
    balance = answer(book, "evm-service", "getBalancesForAddress", "0x1234567890abcdef").value
    assert isinstance(balance, dict)
    assert balance["address"] == "0x1234567890abcdef"
    assert balance["last_updated"] == "2026-03-01T12:00:00.000Z"
    failed = answer(book, "github", "readFile", path="/docs/nonexistent.md").error
    assert failed is not None
    assert (failed.code, failed.status) == ("FILE_NOT_FOUND", 404)
    slow = request(book, "github", "GET", "/repos/slow-repo/slow-repo")
    assert slow is not None
    assert slow.delay_s == 2
    failures = [answer(book, "evm", "sendTransaction", to="0xunreliable").error is not None for _ in range(200)]
    assert 40 < sum(failures) < 80
    book = compat("customer-support-conversation")
    assert answer(book, "customer_database", "lookup", customer_id="CUST123").mock == 1
    book = compat("fork-test-mocks")
    assert answer(book, "e2b", "executeCode", "echo 'conditional'").mock == 0
    assert answer(book, "e2b", "executeCode", "echo 'something else'").mock == 1
