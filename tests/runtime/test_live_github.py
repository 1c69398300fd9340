"""`--live github` against a second GitHub with its own address and tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from practicum_command import MINI, Practicum, Run
from second_github import second_github

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def live_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str, Path]:
    folder = tmp_path_factory.mktemp("live")
    practicum = Practicum(folder / "home", folder)
    with second_github(practicum) as github:
        done = practicum("run", str(MINI), "--live", "github", "--env-file", str(github.env_file))
        assert done.returncode == 0, done.stdout + done.stderr
        return practicum.last(done), github.url, github.folder


def test_it_passes_and_says_what_was_live(live_run: tuple[Run, str, Path]) -> None:
    run, _, _ = live_run
    assert "live: github" in run.stdout
    assert run.verdict()["services"] == {
        "github": "live", "slack": "simulated", "discord": "simulated", "deploy": "simulated"
    }  # fmt: skip


def test_calls_of_the_live_service_are_recorded_as_live(live_run: tuple[Run, str, Path]) -> None:
    exchanges = [item.event for item in live_run[0].events() if item.event.type == "exchange.completed"]
    assert {event.provenance for event in exchanges if event.body.service == "github"} == {"live"}
    assert {event.provenance for event in exchanges if event.body.service == "slack"} == {"simulated"}


def test_the_second_github_saw_each_role_under_its_own_login(live_run: tuple[Run, str, Path]) -> None:
    _, _, folder = live_run
    ledger = [json.loads(line) for path in folder.rglob("ledger.jsonl") for line in path.read_text().splitlines()]
    logins = {row["login"] for row in ledger if row["method"] in ("POST", "PUT") and row["status"] < 300}
    assert logins >= {"lead", "dev"}
    assert all(row["status"] != 401 for row in ledger)


def test_no_agent_ever_read_the_true_address(live_run: tuple[Run, str, Path]) -> None:
    run, url, _ = live_run
    returned = [item.event.to_json().decode() for item in run.events() if item.event.type == "tool.returned"]
    assert returned
    assert not [text for text in returned if url in text]
    config = (run.path / "agents" / "dev" / "clock" / ".git" / "config").read_text()
    assert url not in config


def test_one_token_for_roles_that_review_each_other_is_refused_at_the_start(practicum: Practicum) -> None:
    with second_github(practicum) as github:
        lines = github.env_file.read_text().splitlines()
        shared = [line for line in lines if "TOKEN" not in line] + [f"GITHUB_TOKEN={github.tokens['lead']}"]
        github.env_file.write_text("\n".join(shared) + "\n")
        done = practicum("run", str(MINI), "--live", "github", "--env-file", str(github.env_file))
    assert done.returncode == 2, done.stdout + done.stderr
    for word in ("lead", "developer", "practicum secrets set github@lead"):
        assert word in done.stderr
    assert github.tokens["lead"] not in done.stdout + done.stderr
    assert practicum.runs()[-1]["outcome"] == "refused"


def test_a_token_that_the_service_does_not_take_is_named_by_its_name_only(practicum: Practicum) -> None:
    with second_github(practicum) as github:
        text = github.env_file.read_text().replace(github.tokens["dev"], "canary-mistyped")
        github.env_file.write_text(text)
        done = practicum("run", str(MINI), "--live", "github", "--env-file", str(github.env_file))
    assert done.returncode == 2, done.stdout + done.stderr
    assert "github@dev" in done.stderr
    assert "canary-mistyped" not in done.stdout + done.stderr
