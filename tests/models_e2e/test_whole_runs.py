"""A whole run through the gateway by each of the two official SDKs, its account, its replay."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from e2e_kit import MINI, MODEL, run_with, said, scripted, serving
from practicum_command import Practicum, Run

from practicum.models.testing import ModelServer

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]


CALLS = 9
"""Questions to the model up to `finish`; the run may end before it is asked once more."""


async def finished(practicum: Practicum, vendor: str) -> tuple[Run, ModelServer]:
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        done = await run_with(practicum, vendor, server)
        assert done.returncode == 0, said(done)
    return practicum.last(done), server


async def test_a_model_carries_a_run_whose_record_replays_without_it(practicum: Practicum, vendor: str) -> None:
    run, server = await finished(practicum, vendor)
    assert run.verdict()["outcome"] == "passed"
    assert {one.status for one in server.seen} == {200}
    _leased(run, vendor)
    _accounted(run, vendor, server)

    replayed = practicum("replay", run.id)  # the server is gone
    assert replayed.returncode == 0, said(replayed)
    assert "EQUAL" in replayed.stdout
    _tamper(run)
    diverged = practicum("replay", run.id)
    assert diverged.returncode == 1, said(diverged)
    assert "pm" in diverged.stdout
    assert "another thing" in diverged.stdout
    assert practicum("verify", run.id).returncode == 1


def _leased(run: Run, vendor: str) -> None:
    granted = [lease for lease in run.of("lease.granted") if lease.service == vendor]
    assert [lease.agent for lease in granted] == ["pm"]
    assert {one.lease for one in _asked(run, vendor)} == {granted[0].lease}
    used = [lease for lease in run.verdict()["leases"] if lease["service"] == vendor]
    assert [lease["calls"] >= CALLS for lease in used] == [True]


def _accounted(run: Run, vendor: str, server: ModelServer) -> None:
    asked, answered = _asked(run, vendor), run.of("model.answered")
    # `finish` ends the run while the agent goes on: one more question may be on its way, answered or not.
    assert len(asked) in (CALLS, CALLS + 1)
    assert len(asked) - len(answered) in (0, 1)
    assert {one.resource for one in asked} == {MODEL}
    assert all(one.cost_usd > 0 and one.upstream and one.response_body for one in asked)
    assert all(one.usage.output_tokens > 0 and one.usage.cost_usd > 0 for one in answered)
    # What the agent counts is what the gateway counts, which no agent can touch.
    assert [one.usage.cost_usd for one in answered] == pytest.approx([one.cost_usd for one in asked[: len(answered)]])
    assert {one.cause for one in server.seen} == {""}  # the vendor is told nothing of ours
    causes = {item.event.cause for item in run.events() if item.event.type == "exchange.completed"}
    assert {item.event.cause for item in run.events() if item.event.type == "model.answered"} <= causes
    used = run.verdict()["agents"]["pm"]
    assert used["model_calls"] == len(answered)
    assert used["input_tokens"] + used["cached_tokens"] > 0
    assert used["output_tokens"] == sum(one.usage.output_tokens for one in answered)
    assert used["cost_usd"] == pytest.approx(sum(one.cost_usd for one in asked))
    assert run.verdict()["facts"]["cost_usd"] == pytest.approx(used["cost_usd"], abs=1e-5)


def _asked(run: Run, vendor: str) -> list[Any]:
    return [one for one in run.of("exchange.completed") if one.service == vendor and one.status == 200]


def _tamper(run: Run) -> None:
    """Let the record say that the model asked for another issue."""
    path = run.path / "trajectory.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if '"exchange.completed"' in line and "A thing" in line)
    assert "response_body" in lines[at]
    lines[at] = lines[at].replace("A thing", "another thing")
    path.write_text("".join(lines))


async def test_a_replay_with_another_brief_diverges_at_the_first_turn(practicum: Practicum, vendor: str) -> None:
    scenario = practicum.cwd / "changed"
    shutil.copytree(MINI, scenario)
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        done = await run_with(practicum, vendor, server, scenario=scenario)
    assert done.returncode == 0, said(done)
    file = scenario / "scenario.yaml"
    file.write_text(file.read_text().replace("  pm: {", "  pm: {instructions: Be quick., "))
    replayed = practicum("replay", "last")
    assert replayed.returncode == 1, said(replayed)
    assert "pm" in replayed.stdout
