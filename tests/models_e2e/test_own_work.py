"""`--brief` and `--repo`: a task and a repository of the user's own need agents that can read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from e2e_kit import LISTED, PAIR, run_with, said, scripted, serving
from practicum_command import Practicum

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]

GREETING = 'def greeting() -> str:\n    return "hello"\n'
TEST = """\
import unittest

from greeting import greeting


class Greets(unittest.TestCase):
    def test_one_word(self) -> None:
        self.assertRegex(greeting(), r"^[a-z]+$")
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "my-tool"
    folder.mkdir()
    (folder / "greeting.py").write_text(GREETING)
    (folder / "test_greeting.py").write_text(TEST)
    me = ["-c", "user.name=Ada", "-c", "user.email=ada@home.invalid"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*me, "commit", "-q", "-m", "A tool that greets"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    file = tmp_path / "mine.md"
    file.write_text("# What I want\n\nGreet with the word moin.\n")
    return file


async def test_models_change_a_repository_of_the_users_own(
    practicum: Practicum, vendor: str, repository: Path, brief: Path
) -> None:
    before = _head(repository)
    async with serving(scripted(PAIR / "teams/pair.py")) as server:
        options = ("--repo", str(repository), "--brief", str(brief))
        done = await run_with(practicum, vendor, server, *options, scenario=PAIR, model=LISTED[vendor])
    assert done.returncode == 0, said(done)
    run = practicum.last()
    judged = {one["evaluator"].partition(".")[0] for one in run.verdict()["evaluations"]}
    assert "release_published" not in judged  # the scenario's own task
    assert "issues_resolved" in judged
    product = run.path / "artifacts/product"
    assert 'return "moin"' in (product / "greeting.py").read_text()
    history = _git(run.path / "artifacts/product.git", "log", "--format=%an|%s", "main")
    assert "Ada|A tool that greets" in history
    assert "Say moin" in history
    assert _head(repository) == before  # the user's own folder is as it was
    assert (repository / "greeting.py").read_text() == GREETING
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


@pytest.mark.parametrize("option", ["--brief", "--repo"])
def test_scripts_cannot_read_it_and_the_model_to_give_is_named(
    practicum: Practicum, option: str, repository: Path, brief: Path
) -> None:
    done = practicum("run", str(PAIR), "--team", "pair", option, str(brief if option == "--brief" else repository))
    assert done.returncode == 2, said(done)
    assert f"{option} needs agents that can read" in done.stderr
    assert "lead, dev" in done.stderr
    assert "--model '*=anthropic/NAME'" in done.stderr
    assert "--model '*=openai/NAME'" in done.stderr
    assert practicum.folders() == []


def test_one_agent_left_to_a_script_is_named(practicum: Practicum, vendor: str, brief: Path) -> None:
    model = f"lead={vendor}/{LISTED[vendor]}"
    done = practicum("run", str(PAIR), "--team", "pair", "--model", model, "--brief", str(brief))
    assert done.returncode == 2, said(done)
    assert "(left: dev)" in done.stderr


def _head(folder: Path) -> str:
    return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
