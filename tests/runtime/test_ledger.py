"""The world's own list of requests and the proctor's events are the same list."""

from __future__ import annotations

import json

import pytest
from practicum_command import Run

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


def test_ledger_and_exchanges_match_one_to_one(oracle_run: Run) -> None:
    ledger = [json.loads(line) for line in (oracle_run.path / "artifacts" / "ledger.jsonl").read_text().splitlines()]
    exchanges = {
        item.event.id: item.event.body
        for item in oracle_run.events()
        if item.event.type == "exchange.completed" and item.event.body.upstream
    }
    requests = {row["exchange"]: row for row in ledger}
    assert len(requests) == len(ledger), "every request has an exchange of its own"
    assert requests.keys() == exchanges.keys()
    for id, row in requests.items():
        body = exchanges[id]
        assert (row["service"], row["method"], row["status"]) == (body.service, body.method, body.status)
        assert body.path.partition("?")[0] == row["path"]


def test_every_exchange_of_an_agent_was_caused_by_a_call_of_its_own(oracle_run: Run) -> None:
    calls = {item.event.id: item.event.source for item in oracle_run.events() if item.event.type == "tool.called"}
    team = {"lead", "dev", "ops"}
    for item in oracle_run.events():
        if item.event.type == "exchange.completed" and item.event.body.agent in team:
            assert calls.get(str(item.event.cause)) == item.event.body.agent, item


def test_each_pushed_commit_bears_the_name_of_the_lease_that_pushed_it(oracle_run: Run) -> None:
    pushes = [body for body in oracle_run.of("world.changed") if body.change == "github.push"]
    assert any(body.actor == "dev" for body in pushes)
    for body in pushes:
        for commit in body.facts.get("commits", []):
            if body.actor == "dev":
                assert commit["email"] == "dev@team.invalid"
