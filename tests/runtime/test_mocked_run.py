"""A whole run whose calls are answered by mocks: by name, and through PyGithub and slack-sdk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from canaries import LEASE, SIMULATED, below
from practicum_command import Practicum, Run

from practicum.runtime.mocks import mocks_of
from practicum.runtime.plan import Options, make_plan

MOCKED = Path(__file__).parent / "mocked"

e2e = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


@dataclass
class Mocked:
    """The finished run, and what its agent wrote down of the answers."""

    run: Run
    command: Practicum
    seen: dict[str, Any]

    def of(self, service: str) -> list[Any]:
        """The exchanges of the agent with a service."""
        return [each for each in self.run.of("exchange.completed") if (each.agent, each.service) == ("caller", service)]


@pytest.fixture(scope="module")
def mocked(tmp_path_factory: pytest.TempPathFactory) -> Mocked:
    folder = tmp_path_factory.mktemp("mocked")
    command = Practicum(folder / "home", folder)
    done = command("run", str(MOCKED))
    assert done.returncode == 0, done.stdout + done.stderr
    run = command.last(done)
    return Mocked(run, command, json.loads((run.path / "agents" / "caller" / "seen.json").read_text()))


@pytest.mark.usefixtures("mocked")
class TestRun:
    """What came of it."""

    pytestmark = e2e

    def test_a_service_that_nobody_plays_answers_by_name(self, mocked: Mocked) -> None:
        assert mocked.seen["search"] == {"articles": [{"title": "Refunds take five days"}]}
        assert mocked.seen["convert"] == 7.6
        assert mocked.seen["write"] == "knowledge-base_write: KB_READ_ONLY: nobody writes here (status 409)"
        assert "NO_MOCK_FITS" in mocked.seen["unfit"]
        joined = mocked.run.of("agent.joined")[0]
        assert {"knowledge-base_search", "knowledge-base_write", "convert"} <= set(joined.tools)
        assert not [name for name in joined.tools if "repos" in name or "postMessage" in name]

    def test_pygithub_is_answered_by_a_mock_and_otherwise_by_the_world(self, mocked: Mocked) -> None:
        assert mocked.seen["listed"] == [[41, "Of a mock"]]
        assert mocked.seen["got"] == "Of the world"
        routes = {each.route: each.mocked for each in mocked.of("github")}
        assert routes == {
            "POST /repos/{owner}/{repo}/issues": False,
            "GET /repos/{owner}/{repo}/issues": True,
            "GET /repos/{owner}/{repo}/issues/{number}": False,
        }

    def test_slack_fails_in_one_channel_and_works_in_another(self, mocked: Mocked) -> None:
        assert mocked.seen["board"] == "slack_post: Slack answered: is_archived"
        assert mocked.seen["dev"] == ["hello"]
        posts = [(each.resource, each.mocked, each.upstream) for each in mocked.of("slack") if "post" in each.route]
        assert posts == [("board", True, False), ("dev", False, True)]

    def test_the_evaluators_saw_the_world_and_not_the_mock(self, mocked: Mocked) -> None:
        found = {each["evaluator"]: each for each in mocked.run.verdict()["evaluations"]}
        assert found["issue_state"]["details"] == {"issues": [1]}

    def test_what_a_mock_answered_is_in_no_ledger_and_everything_else_is(self, mocked: Mocked) -> None:
        path = mocked.run.path / "artifacts" / "ledger.jsonl"
        ledger = {json.loads(line)["exchange"] for line in path.read_text().splitlines()}
        exchanges = {
            item.event.id: item.event.body for item in mocked.run.events() if item.event.type == "exchange.completed"
        }
        assert ledger == {id for id, body in exchanges.items() if body.upstream}
        assert not [body for body in exchanges.values() if body.mocked and body.upstream]

    def test_each_mocked_exchange_has_its_mock_called(self, mocked: Mocked) -> None:
        called = {item.event.cause: item.event for item in mocked.run.events() if item.event.type == "mock.called"}
        assert {event.source for event in called.values()} == {"launcher"}
        for item in mocked.run.events():
            body = item.event.body
            if item.event.type == "exchange.completed" and body.mocked:
                assert called[item.event.id].data.agent == "caller"
                assert called[item.event.id].data.step == 0
        by_mock = {event.data.mock for event in called.values()}
        assert by_mock == {0, 1, 2, 3, 4, None}, "a search and a post that no mock fits are told too"

    def test_the_verdict_tells_each_mocks_calls_and_the_one_that_was_not_used(self, mocked: Mocked) -> None:
        uses = {use["mock"]: use for use in mocked.run.verdict()["mocks"] if use["mock"] is not None}
        assert {mock: use["calls"] for mock, use in uses.items()} == {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 0}
        assert [mock for mock, use in uses.items() if use["flag"] == "unused"] == [5]
        assert uses[0]["log"][0]["input"] == {"query": "refund", "limit": 3}
        assert uses[0]["log"][0]["agent"] == "caller"

    def test_no_key_and_no_lease_is_anywhere(self, mocked: Mocked) -> None:
        for place, content in below(mocked.run.path):
            assert not SIMULATED.search(content), place
            assert not LEASE.search(content), place

    def test_its_replay_is_equal(self, mocked: Mocked) -> None:
        done = mocked.command("replay", "last")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_its_record_is_whole(self, mocked: Mocked) -> None:
        done = mocked.command("verify", "last")
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_live_service_has_no_mocks_and_with_all_live_nothing_has() -> None:
    some = mocks_of(make_plan(str(MOCKED), Options(live=("github",))))
    assert some.services == ["slack", "mocks"]
    assert some.off == {3, 5}
    assert {use.mock for use in some.uses()} == {0, 1, 2, 4}
    every = mocks_of(make_plan(str(MOCKED), Options(live=("all",))))
    assert every.services == []
    assert every.methods == ()


def test_a_simulated_run_asks_about_the_services_that_have_mocks() -> None:
    mocks = mocks_of(make_plan(str(MOCKED), Options()))
    assert mocks.services == ["github", "slack", "mocks"]
    assert mocks.methods == (("knowledge-base", "search"), ("knowledge-base", "write"), ("", "convert"))
    assert mocks.off == frozenset()


MOCK_NAMES = [
    ("github-service", "searchIssues"),
    ("github", "getWeather"),
    ("slack", "chat.postMessage"),
    ("", "users.info"),
    ("", "convert"),
    ("github", "GET /user"),
]


@pytest.mark.parametrize(
    ("world", "methods"),
    [
        ("{github: {repo: acme/clock}, slack: {}}", [("github", "getWeather"), ("", "convert")]),
        ("{deploy: {}}", MOCK_NAMES[:5]),
    ],
    ids=["played", "not played"],
)
def test_what_an_sdk_sends_is_no_tool_where_the_service_is_played(
    tmp_path: Path, world: str, methods: list[tuple[str, str]]
) -> None:
    mocks = "".join(f"    - {json.dumps({'service': one, 'method': method})}\n" for one, method in MOCK_NAMES)
    text = (
        f"name: m\nteam: {{dev: {{role: developer}}}}\nworld: {world}\nsetup:\n  mocks:\n{mocks}"
        "run: [{input: x}]\nevaluations: [{type: secret_not_leaked}]\n"
    )
    (tmp_path / "scenario.yaml").write_text(text)
    plan = make_plan(str(tmp_path / "scenario.yaml"), Options(models=("script/idle",)))
    assert list(mocks_of(plan).methods) == methods
