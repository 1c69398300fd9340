"""The page: what agents wrote is text and nothing else, every link leads somewhere, and no run is too long for it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from told_run import ToldRun

from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentWoke,
    ExchangeCompleted,
    InputGiven,
    JobFinished,
    JobStarted,
    MessagePosted,
    ModelRequested,
    OutcomeDeclared,
    RunInterrupted,
    ToolCalled,
    WorldChanged,
)
from practicum.errors import TrajectoryError
from practicum.report import write_report
from practicum.scenarios.verdict import AgentUse, LeaseUse

BAD = (
    "</script></style></title><img src=x onerror=alert(1)>\"'onload=x\x1b[31m\u202egnp\x00\x07\u200b{{7*7}}"
    + "W" * 3000
)


def hostile(told: ToldRun) -> None:
    """Hostile text wherever text can be."""
    told.verdict |= dict.fromkeys(("scenario", "reason", "team", "head"), BAD) | {"outcome": "failed"}
    told.verdict |= {name: {BAD: BAD} for name in ("services", "isolation", "agents_isolation")}
    told.verdict["agents"] |= {"lead": AgentUse(role=BAD, model=BAD), BAD: AgentUse(role="r", model="m")}
    lease = dict.fromkeys(("lease", "agent", "role", "service", "identity"), BAD)
    numbers = {"calls": 1, "refused": 0, "cost_usd": 0}
    told.verdict["leases"] = [LeaseUse.model_validate({**lease, **numbers, "granted": {BAD: BAD}, "used": {BAD: 1}})]
    told.judged({"evaluator": BAD, "summary": BAD, "outcome": "failed"})
    told.at(0, "launcher", InputGiven(step=0, to=BAD, text=BAD))
    told.at(1, "lead", AgentWoke(turn=1, events=()))
    told.at(1, "lead", MessagePosted(text=BAD, to="agent.dev"))
    told.at(1, "lead", ToolCalled(turn=1, call=BAD, tool=BAD, args={BAD: BAD}, effect="once"))
    told.at(2, "lead", AgentIdled(turn=1, consumed=1, waiting_for=BAD))
    told.at(3, "lead", AgentWoke(turn=2, events=()))
    told.at(3, "lead", AgentFailed(turn=2, error=BAD, kind="script"))
    told.at(3, "lead", OutcomeDeclared(summary=BAD))
    told.at(4, "world-github", JobStarted(job=BAD, kind="check", name=BAD))
    told.at(5, "world-github", JobFinished(job=BAD, kind="check", name=BAD, ok=False, seconds=1, log=BAD))
    names = ("title", "head", "review_body", "state", "channel", "text", "comment_body")
    facts: dict[str, Any] = {**dict.fromkeys(names, BAD), "number": 3, "assignee": "dev", "author": "dev"}
    changes = [
        "pull_request.opened",
        "pull_request.merged",
        "review.submitted",
        "issue.assigned",
        "issue_comment.created",
    ]
    for change in changes:
        world = WorldChanged(service="github", change=f"github.{change}", actor="lead", resource=BAD, facts=facts)
        told.at(6, "world-github", world)
    check = {"name": BAD, "conclusion": BAD, "pull_requests": [3]}
    told.at(6, "world-github", WorldChanged(service="github", change="github.check.completed", actor=BAD, facts=check))
    told.at(6, "world-slack", WorldChanged(service="slack", change="slack.message.posted", actor=BAD, facts=facts))
    call = dict.fromkeys(("lease", "agent", "service", "method", "route", "path", "refused"), BAD)
    told.at(7, "proctor", ExchangeCompleted.model_validate({**call, "status": 403, "ms": 1}))
    told.at(8, "launcher", RunInterrupted(reason=BAD))


def test_hostile_text_stays_text_everywhere(told: ToldRun) -> None:
    hostile(told)
    page = told.page()
    names = {name for name, _ in page.tags}
    assert not names & {"img", "script", "iframe", "object", "embed", "form", "base", "link", "image", "foreignobject"}
    assert [attribute for _, found in page.tags for attribute in found if attribute.startswith("on")] == []
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "{{7*7}}" in page.text
    shown = set(page.html) - {"\n"}
    assert not {c for c in shown if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u200b\u202e\u2066\u2067"}


def test_hostile_text_in_the_lanes_is_escaped(told: ToldRun) -> None:
    hostile(told)
    html = told.html()
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert "<img" not in svg
    assert "&lt;img src=x onerror=alert(1)&gt;" in svg


def test_nothing_is_fetched_from_anywhere(told: ToldRun) -> None:
    hostile(told)
    page = told.page()
    [policy] = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["content"].startswith("default-src 'none'")
    assert "script-src" not in policy["content"]
    loaded = [found[key] for _, found in page.tags for key in ("src", "data", "srcset", "action") if key in found]
    assert loaded == []
    assert all(link.startswith("#") for link in page.links)
    assert "http://" not in page.html
    assert "https://" not in page.html
    assert "url(" not in page.html.replace("url(#tip)", "")


def test_every_link_leads_to_an_event_of_the_page(told: ToldRun) -> None:
    hostile(told)
    told.judged({"evidence": [item.event.id for item in told.recorded]}, {"evidence": ["unknown"]})
    page = told.page()
    assert len(page.links) > 10
    assert {link[1:] for link in page.links} <= page.ids


def test_events_that_are_linked_are_listed_however_late_and_quiet(told: ToldRun) -> None:
    for number in range(5000):
        told.at(number, "dev", ToolCalled(turn=1, call=str(number), tool="t", args={}, effect="read"))
    quiet = ModelRequested(
        turn=1, request=1, model="m", new_messages=(), context_messages=0, context_digest="", tools_digest=""
    )
    last = told.at(5000, "dev", quiet)
    told.at(5001, "dev", ToolCalled(turn=1, call="x", tool="t", args={}, effect="read"))
    told.judged({"evidence": [told.recorded[-1].event.id, told.recorded[last - 1].event.id]})
    page = told.page()
    assert {link[1:] for link in page.links} <= page.ids
    assert f"event-{last}" in page.ids
    assert "more in the trajectory" in page.text


@pytest.mark.parametrize("outcome", ["passed", "failed", "inconclusive", "limit", "infrastructure", "cancelled"])
def test_a_run_of_which_little_is_known_has_a_page(told: ToldRun, outcome: str) -> None:
    told.verdict |= {"outcome": outcome, "reason": "the reason"}
    page = told.page()  # not one event
    for text in (
        "nothing was evaluated",
        "Nothing was evaluated.",
        "None is known",
        "Nobody said anything.",
    ):
        assert text in page.text
    assert ("the reason" in page.text) is (outcome != "passed")
    told.at(0, "lead", AgentWoke(turn=1, events=()))  # and never anything more of it
    told.at(2, "launcher", RunInterrupted(reason="killed"))
    assert "turn, not ended (2.00 s)" in told.page().text


def test_twenty_thousand_events_stay_small_and_quick(told: ToldRun) -> None:
    text = "A message of some length, as models write them. " * 8
    for number in range(5000):
        at = number / 10
        told.at(at, "lead", AgentWoke(turn=number, events=()))
        told.at(at, "lead", ToolCalled(turn=number, call=str(number), tool="t", args={"text": text}, effect="read"))
        told.at(at, "lead", MessagePosted(text=text, to="agent.dev"))
        told.at(at, "lead", AgentIdled(turn=number, consumed=number))
    begun = time.process_time()
    page = told.html()
    assert time.process_time() - begun < 5
    assert len(page.encode()) < 10_000_000


def test_the_verdict_is_said_in_a_sentence_and_evaluations_link_to_events(told: ToldRun) -> None:
    seq = told.at(0, "dev", MessagePosted(text="Hello", to="channel.dev"))
    told.judged(
        {"summary": "saw it", "evidence": [told.recorded[0].event.id]}, {"outcome": "failed", "summary": "missing"}
    )
    page = told.page()
    assert "small: 1 of 2 evaluations passed, 9.0 s" in page.text
    assert f"#event-{seq}" in page.links
    assert "saw it" in page.text
    assert "missing" in page.text


def test_a_message_keeps_its_lines(told: ToldRun) -> None:
    told.at(0, "dev", MessagePosted(text="one\n  two\x1b[2J\nthree", to="channel.dev"))
    assert "one\ntwo[2J\nthree" in told.page().text


def test_it_is_written_beside_the_run_and_a_run_without_a_record_is_refused(tmp_path: Path, told: ToldRun) -> None:
    verdict = {**told.verdict, "started": told.verdict["started"].isoformat(), "agents": {}}
    (tmp_path / "verdict.json").write_text(json.dumps(verdict))
    with pytest.raises(TrajectoryError):
        write_report(tmp_path)
    (tmp_path / "trajectory.jsonl").touch()
    assert write_report(tmp_path) == tmp_path / "report.html"
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert not (tmp_path / ".report.html").exists()
