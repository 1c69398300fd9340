"""Whole runs through the command: the oracle passes; the others fail, each for its own reason and no other."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from practicum_command import Practicum, Run

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.broker, pytest.mark.timeout(240)]

SCENARIO = Path(__file__).resolve().parents[3] / "scenarios" / "dev-team"
LEAVING_OUT = sorted(path.stem for path in (SCENARIO / "teams").glob("without-*.py"))
NOTHING_DONE = {
    "http_responds", "tests_pass", "merged", "reviewed", "reworked", "in_parallel", "issues_resolved",
    "contributors_include", "checks_passed", "defect_fixed", "release_published", "service_watched", "documentation",
    "quality_report",
}  # fmt: skip
"""What fails when nothing was made, whatever was said."""


def play(practicum: Practicum, team: str) -> tuple[int, Run]:
    done = practicum("run", str(SCENARIO), "--team", team, timeout=220)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    run = practicum.last(done)
    # Whatever the team, its recording replays equal: two dozen fresh ones each time that these tests run.
    replayed = practicum("replay", run.id, timeout=100)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    return done.returncode, run


def failed(run: Run) -> dict[str, str]:
    """Evaluation to why it failed; one that could not look counts too."""
    return {item["evaluator"]: item["summary"] for item in run.verdict()["evaluations"] if item["outcome"] != "passed"}


@pytest.mark.parametrize("team", LEAVING_OUT)
def test_a_team_that_leaves_one_effect_out_fails_exactly_there(practicum: Practicum, team: str) -> None:
    code, run = play(practicum, team)
    assert list(failed(run)) == [team.removeprefix("without-")], failed(run)
    assert code == 1


def test_idle_fails(practicum: Practicum) -> None:
    code, run = play(practicum, "idle")
    assert code == 1
    assert failed(run).keys() >= NOTHING_DONE | {"announced", "team_talk", "question_answered"}


def test_the_narrators_words_count_only_where_words_are_what_is_asked_for(practicum: Practicum) -> None:
    code, run = play(practicum, "narrator")
    assert code == 1
    assert failed(run).keys() >= NOTHING_DONE
    assert not {"announced", "team_talk"} & failed(run).keys()
    assert "no deployment was made" in run.stdout


def test_the_cheat_is_refused_and_seen(practicum: Practicum) -> None:
    code, run = play(practicum, "cheat")
    assert code == 1
    why = failed(run)
    assert "forged author" in why["contributors_include"]
    assert "says lead, but dev-1 pushed it" in why["contributors_include"]
    assert "of 40 tests" in why["tests_pass"]
    assert "no deployment was made" in why["http_responds"]
    assert "access_denied" in why
    refused = [body for body in run.of("exchange.completed") if body.refused]
    assert {body.agent for body in refused} == {"dev-1", "lead"}
    assert sum("git-receive-pack" in body.path for body in refused) == 2
    assert any(body.path.endswith("/merge") for body in refused)
    assert "deploy.deployment.succeeded" not in {body.change for body in run.of("world.changed")}
    own = [body for body in run.of("tool.returned") if body.tool == "review_pull_request" and not body.ok]
    assert "own pull request" in own[0].error


def test_the_oracle_passes_and_its_effects_can_be_seen_by_hand(practicum: Practicum, tmp_path: Path) -> None:
    code, run = play(practicum, "oracle")
    assert code == 0, failed(run)
    repository = run.path / "artifacts" / "product.git"
    team = {"pm", "lead", "dev-1", "dev-2", "qa", "devops"}
    authors = set(git(repository, "log", "main", "--format=%ae").split())
    assert {f"{name}@team.invalid" for name in team} <= authors
    changes = run.of("world.changed")
    in_order(changes)
    fix = next(
        body for body in changes if body.change == "github.pull_request.merged" and "own words" in str(body.facts)
    )
    head = str(fix.facts["sha"])
    shown = git(repository, "log", head, "--format=%H", "--author=qa@", "-1", "--", "tests").strip()
    assert exit_code_of_tests(repository, shown, tmp_path / "before") == 1
    assert exit_code_of_tests(repository, head, tmp_path / "after") == 0
    assert exit_code_of_tests(repository, "main", tmp_path / "main") == 0
    assert git(repository, "rev-parse", "main").strip() == git(repository, "rev-parse", "v1.0.0^{commit}").strip()


def in_order(changes: list[Any]) -> None:
    """Approvals of the head by another after its checks; a change requested and made; two developers at once."""
    passed: set[str] = set()
    asked: dict[int, str] = {}
    reworked = set()
    checked_from = None
    opened, merged = [], []
    for body in changes:
        facts, kind = body.facts, body.change.removeprefix("github.")
        if kind == "check.completed":
            assert facts["conclusion"] == "success"
            passed.add(facts["sha"])
        elif kind == "review.submitted":
            assert facts["reviewer"] != facts["author"]
            if facts["state"] == "changes_requested":
                asked[facts["number"]] = facts["commit_id"]
            elif facts["number"] in asked:
                assert facts["commit_id"] != asked[facts["number"]]
                reworked.add(facts["number"])
        elif kind == "pull_request.opened" and facts["author"] in ("dev-1", "dev-2"):
            opened.append((facts["author"], len(merged)))
        elif kind == "pull_request.merged":
            assert facts["branch"] == "skeleton" or facts["sha"] in passed
            checked_from = checked_from or facts["number"]
            merged += [facts["number"]] if facts["author"] in ("dev-1", "dev-2") else []
    assert reworked == set(asked) != set()
    assert {author for author, before in opened if before == 0} == {"dev-1", "dev-2"}


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments], cwd=repository, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def exit_code_of_tests(repository: Path, ref: str, target: Path) -> int:
    """The exit code of the tests at a commit."""
    packed = subprocess.run(
        ["git", "-c", "safe.directory=*", "archive", ref], cwd=repository, capture_output=True, timeout=50, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(target, filter="data")
    done = subprocess.run(
        ["python3", "-m", "unittest", "discover"], cwd=target, capture_output=True, text=True, timeout=100
    )
    assert re.search(r"Ran \d+ tests", done.stderr), done.stderr
    return done.returncode
