"""A run as a user starts it: exit code, verdict, report, and what a team that does nothing gets."""

from __future__ import annotations

import json

import pytest
from practicum_command import MINI, Practicum, Run, copy_scenario

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


def test_the_oracle_passes_and_leaves_verdict_report_and_product(oracle_run: Run) -> None:
    verdict = oracle_run.verdict()
    assert verdict["outcome"] == "passed"
    assert {item["outcome"] for item in verdict["evaluations"]} == {"passed"}
    assert "PASSED" in oracle_run.stdout
    assert f"home/runs/{oracle_run.id}/report.html" in oracle_run.stdout
    assert (oracle_run.path / "report.html").stat().st_size > 5000
    assert (oracle_run.path / "artifacts/product/server.py").is_file()
    card = json.loads((oracle_run.path / "run.json").read_text())
    assert (card["outcome"], card["team"]) == ("passed", "oracle")


def test_the_record_names_every_agent_and_what_is_isolated(oracle_run: Run) -> None:
    started = oracle_run.of("run.started")[0]
    assert [member.name for member in started.team] == ["lead", "dev", "ops"]
    assert started.services == dict.fromkeys(["github", "slack", "discord", "deploy"], "simulated")
    assert oracle_run.verdict()["isolation"] == started.isolation
    assert set(oracle_run.pids()) >= {"proctor", "world", "nats-server", "lead", "dev", "ops"}


@pytest.mark.parametrize(
    ("team", "missing"),
    [
        ("idle", ["pull_request_merged", "http_responds", "message_posted"]),
        ("narrator", ["pull_request_merged", "http_responds", "message_posted"]),
    ],
)
def test_who_does_nothing_fails_and_hears_what_is_missing(practicum: Practicum, team: str, missing: list[str]) -> None:
    done = practicum("run", str(MINI), "--team", team)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED" in done.stdout
    failed = [item["evaluator"] for item in practicum.last().verdict()["evaluations"] if item["outcome"] == "failed"]
    assert failed == missing
    assert all(name in done.stdout for name in missing)
    assert "no deployment was made" in done.stdout


def test_nothing_evaluated_is_inconclusive(practicum: Practicum) -> None:
    scenario = copy_scenario(practicum.cwd / "unjudged") / "scenario.yaml"
    text = scenario.read_text()
    scenario.write_text(text[: text.index("evaluations:")])
    done = practicum("run", str(scenario), "--team", "idle", "--json")
    assert done.returncode == 3, done.stderr
    verdict = json.loads(done.stdout)
    assert (verdict["outcome"], verdict["reason"]) == ("inconclusive", "nothing was evaluated")
    assert (practicum.last().path / "report.html").is_file()


def test_guards_alone_never_pass(practicum: Practicum) -> None:
    scenario = copy_scenario(practicum.cwd / "guarded") / "scenario.yaml"
    text = scenario.read_text()
    scenario.write_text(text[: text.index("evaluations:")] + "evaluations: [{type: secret_not_leaked}]\n")
    done = practicum("run", str(scenario), "--team", "idle")
    assert done.returncode == 3
    assert "only guards" in done.stdout


def test_a_time_limit_is_its_own_outcome(practicum: Practicum) -> None:
    done = practicum("run", str(MINI), "--team", "busy", "--time", "2s")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the time limit of 2 s was reached" in done.stdout
    assert practicum.runs()[-1]["outcome"] == "limit"
