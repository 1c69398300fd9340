"""The lanes: a known sequence becomes these bars, arrows and waits."""

from __future__ import annotations

from told_run import ToldRun, read

from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentWoke,
    JobFinished,
    JobStarted,
    MessagePosted,
    ToolCalled,
    WorldChanged,
)
from practicum.report.lanes import collect, draw


def turn(
    told: ToldRun, agent: str, start: float, end: float, number: int = 1, waits: str = "", done: bool = False
) -> None:
    told.at(start, agent, AgentWoke(turn=number, events=()))
    told.at((start + end) / 2, agent, ToolCalled(turn=number, call=f"{start}", tool="t", args={}, effect="read"))
    told.at(end, agent, AgentIdled(turn=number, consumed=1, waiting_for=waits, done=done))


def test_turns_waits_jobs_and_hand_offs(told: ToldRun) -> None:
    turn(told, "lead", 0, 2, waits="a review")
    told.at(2, "lead", MessagePosted(text="Please", to="agent.dev"))
    told.at(2, "lead", MessagePosted(text="All", to="channel.dev"))  # to nobody's row
    turn(told, "dev", 2, 4, done=True)
    told.at(4, "world-github", JobStarted(job="j", kind="check", name="test"))
    told.at(4, "world-github", JobStarted(job="w", kind="webhook", name="hook"))
    told.at(5, "world-github", JobFinished(job="j", kind="check", name="test", ok=True, seconds=1))
    told.at(5, "world-github", JobFinished(job="w", kind="webhook", name="hook", ok=True, seconds=1))
    assigned = {"assignee": "dev"}
    told.at(
        6, "world-github", WorldChanged(service="github", change="github.issue.assigned", actor="lead", facts=assigned)
    )
    told.at(
        6, "world-github", WorldChanged(service="github", change="github.issue.assigned", actor="dev", facts=assigned)
    )
    turn(told, "lead", 6, 8, 2, waits="the end")
    told.at(10, "world-deploy", JobStarted(job="d", kind="deployment", name="app"))
    told.at(11, "world-deploy", JobFinished(job="d", kind="deployment", name="app", ok=False, seconds=1))
    lanes = collect(told.recorded, told.team)
    assert lanes.rows == ["lead", "dev", "checks", "deploy"]
    assert lanes.end == 11
    assert [(bar.kind, bar.start, bar.end) for bar in lanes.bars["lead"]] == [
        ("turn", 0, 2), ("wait", 2, 6), ("turn", 6, 8), ("wait", 8, 11),
    ]  # fmt: skip
    assert [bar.title for bar in lanes.bars["lead"]] == ["turn 1", "waits for a review", "turn 2", "waits for the end"]
    assert [(bar.kind, bar.start, bar.end) for bar in lanes.bars["dev"]] == [
        ("turn", 2, 4)
    ]  # done: it waits for nothing
    assert [(bar.kind, bar.title) for bar in lanes.bars["checks"]] == [("job", "test passed")]
    assert [(bar.kind, bar.title) for bar in lanes.bars["deploy"]] == [("bad", "app failed")]
    assert [(arrow.source, arrow.target, arrow.at) for arrow in lanes.arrows] == [
        ("lead", "dev", 2),
        ("lead", "dev", 6),
    ]
    assert lanes.ticks["lead"] == [1, 7]

    page = read(draw(lanes))
    assert len(page.all("rect", class_="turn")) == 3
    assert len(page.all("rect", class_="job")) == 1
    assert len(page.all("rect", class_="bad")) == 1
    assert len(page.all("line", class_="wait")) == 2
    assert len(page.all("path", class_="hand")) == 2
    assert len(page.all("line", class_="call")) == 3
    assert len(page.all("text", class_="who")) == 4


def test_a_row_without_anything_but_an_agent_is_not_drawn(told: ToldRun) -> None:
    turn(told, "lead", 0, 1)
    assert collect(told.recorded, told.team).rows == ["lead", "dev"]


def test_an_agent_that_failed_or_was_cut_off_is_seen(told: ToldRun) -> None:
    told.at(0, "lead", AgentWoke(turn=1, events=()))
    told.at(1, "dev", AgentWoke(turn=1, events=()))
    told.at(3, "lead", AgentFailed(turn=1, error="no model", kind="model"))
    told.at(5, "dev", MessagePosted(text="Still here", to="agent.lead"))
    lanes = collect(told.recorded, told.team)
    assert [(bar.kind, bar.start, bar.end, bar.title) for bar in lanes.bars["lead"]] == [
        ("bad", 0, 3, "failed: no model")
    ]
    assert [(bar.kind, bar.start, bar.end, bar.title) for bar in lanes.bars["dev"]] == [
        ("turn", 1, 5, "turn, not ended")
    ]


def test_clocks_that_differ_and_runs_of_no_length_are_drawn(told: ToldRun) -> None:
    assert collect([], ["lead"]).rows == ["lead"]
    told.at(1, "lead", AgentWoke(turn=1, events=()))
    told.at(0.9, "dev", AgentWoke(turn=1, events=()))
    lanes = collect(told.recorded, told.team)
    assert min(bar.start for bars in lanes.bars.values() for bar in bars) == 0
    assert "nan" not in draw(lanes)


def test_an_agent_with_a_rows_name_does_not_make_two_rows() -> None:
    told = ToldRun("deploy")
    turn(told, "deploy", 0, 1)
    assert collect(told.recorded, told.team).rows == ["deploy"]
