"""The teams as files: each has a script for each role, each evaluation has its leaving-out team, the alert works."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import yaml

from practicum.agents.tools.deploy import Probe
from practicum.bus.event import make_event
from practicum.bus.events import TimerFired
from practicum.models.script import ToolFailed, Turn, load_scripts
from practicum.models.script.turn import Calls, Wait

SCENARIO = Path(__file__).resolve().parents[3] / "scenarios" / "dev-team"
TEAMS = sorted((SCENARIO / "teams").glob("*.py"))
CANNOT_BE_LEFT_OUT = {"secret_not_leaked"}
"""No agent holds a credential, so no team can leak one; the searching itself has tests of its own."""


def read() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load((SCENARIO / "scenario.yaml").read_text())
    return value


@pytest.mark.parametrize("path", TEAMS, ids=lambda path: path.stem)
def test_a_team_has_a_script_for_every_role(path: Path) -> None:
    scripts = load_scripts(path)
    for name, member in read()["team"].items():
        assert name in scripts or member["role"] in scripts


def test_every_evaluation_has_the_team_that_fails_it() -> None:
    names = {entry.get("name") or entry["type"] for entry in read()["evaluations"]}
    left_out = {path.stem.removeprefix("without-") for path in TEAMS if path.stem.startswith("without-")}
    assert left_out == names - CANNOT_BE_LEFT_OUT


def test_each_leaving_out_team_changes_one_thing() -> None:
    for path in TEAMS:
        if path.stem.startswith("without-"):
            assert path.read_text().count("Plan(") == 1
            assert path.read_text().count("=") == 2, path.stem


def play(coroutine: Coroutine[Any, Any, Any], answer: Callable[[str, dict[str, Any]], Any]) -> Any:
    """Drive a part of a script: each call is answered by `answer`, each timer fires at once."""
    value: Any = None
    while True:
        try:
            request = coroutine.send(value)
        except StopIteration as end:
            return end.value
        if isinstance(request, Calls):
            value = [answer(pending.tool.name, pending.args) for pending in request.pending]
        else:
            assert isinstance(request, Wait)
            value = make_event(TimerFired(timer="timer-1", owner="devops", note=""), run="01TESTRUN", source="launcher")
            assert request.fits(value)


class Service:
    """Answers the watching script; `health` is what each probe in turn gets."""

    def __init__(self, oracle: dict[str, Any], *health: int | None) -> None:
        self.health, self.calls = list(health), []
        self.timer = oracle["devops"].set_timer.result.validate_python({"timer": "timer-1", "seconds": 0.3})

    def answer(self, tool: str, args: dict[str, Any]) -> Any:
        self.calls.append((tool, args))
        if tool == "set_timer":
            return self.timer
        if tool == "probe":
            status = self.health.pop(0)
            if status is None:
                return ToolFailed("probe", "the deploy target did not answer")
            return Probe(status=status, body='{"status": "ok"}', ms=1.0)
        return None

    def called(self, tool: str) -> int:
        return sum(name == tool for name, _ in self.calls)


@pytest.mark.parametrize("down", [503, None])
def test_two_failing_probes_in_a_row_are_an_alert_and_a_rollback(oracle: dict[str, Any], down: int | None) -> None:
    service = Service(oracle, 200, down, down)
    member = oracle["work"].Member(Turn(me="devops", role="devops"), oracle["plan"].Plan())
    assert play(oracle["devops"].watch(member, 5), service.answer) is False
    assert service.called("rollback") == 1
    assert [args["text"][:5] for name, args in service.calls if name == "slack_post"] == ["ALERT"]
    assert service.called("probe") == 3


def test_a_single_failing_probe_is_no_alert(oracle: dict[str, Any]) -> None:
    service = Service(oracle, 503, 200, 503, 200)
    member = oracle["work"].Member(Turn(me="devops", role="devops"), oracle["plan"].Plan())
    assert play(oracle["devops"].watch(member, 4), service.answer) is True
    assert service.called("rollback") == service.called("slack_post") == 0


def test_the_board_knows_a_pull_request_by_its_branch_whatever_comes_first(oracle: dict[str, Any]) -> None:
    from practicum.bus.events import WorldChanged

    def happened(change: str, **facts: Any) -> Any:
        data = WorldChanged(service="github", change=f"github.{change}", actor="dev-1", resource="a/b#5", facts=facts)
        return make_event(data, run="01TESTRUN", source="world-github")

    board = oracle["board"].Board()
    board.take(happened("check.completed", sha="aaa", conclusion="success"))
    board.take(happened("pull_request.opened", number=5, title="T", author="dev-1", branch="issue-1", sha="aaa"))
    pull = board.on("issue-1")
    assert board.passed(pull.sha)
    board.take(happened("review.submitted", number=5, state="approved", reviewer="lead", commit_id="aaa"))
    assert pull.approved
    board.take(happened("pull_request.synchronized", number=5, sha="bbb"))
    assert not pull.approved
    assert not board.passed(pull.sha)
    board.take(happened("pull_request.merged", number=5))
    assert board.merged("issue-1")
    assert not board.merged("issue-1", "issue-2")
