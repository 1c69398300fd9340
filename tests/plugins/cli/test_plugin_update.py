"""The next version of a plugin as a pull request, in a simulated GitHub that knows nothing of us."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from practicum_command import Practicum
from second_github import second_github

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(150)]

SPEC = """
name: greeting
version: 0.2.0
description: Greets people.
actions:
  - name: greet
    description: A greeting.
    parameters: [{name: who}]
    returns: string
    effect: read
    formula: '"Good day, " + who'
    examples: [{input: {who: Ann}, output: "Good day, Ann"}]
"""


def test_an_update_is_a_branch_and_a_pull_request(practicum: Practicum) -> None:
    (practicum.cwd / "greeting.yaml").write_text(SPEC)
    arguments = ["plugin", "update", "greeting", "greeting.yaml", "--repo", "acme/clock"]
    assert practicum(*arguments).returncode == 2  # nobody said yes
    with second_github(practicum, ("dev",)) as github:
        shell = {
            "GITHUB_API_URL": f"{github.url}/github",
            "GITHUB_SERVER_URL": f"{github.url}/git",
            "GITHUB_TOKEN": github.tokens["dev"],
        }
        done = practicum(*arguments, "--yes", env=shell, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "acme/clock#1 proposes plugin/greeting-0.2.0" in done.stdout
        assert github.tokens["dev"] not in done.stdout + done.stderr
    [bare] = [path for path in github.folder.rglob("*") if path.is_dir() and (path / "HEAD").is_file()]

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(bare), *words], capture_output=True, text=True, check=True).stdout

    files = git("ls-tree", "-r", "--name-only", "plugin/greeting-0.2.0").split()
    assert "plugins/greeting/pyproject.toml" in files
    assert "plugins/greeting/src/greeting_plugin/actions.py" in files
    assert "plugins/greeting" not in git("ls-tree", "-r", "--name-only", "main")
    assert re.match(r"greeting 0\.2\.0: Greets people", git("log", "-1", "--format=%s", "plugin/greeting-0.2.0"))


def test_an_update_of_nothing_and_of_the_same_are_refused(practicum: Practicum, tmp_path: Path) -> None:
    (practicum.cwd / "greeting.yaml").write_text(SPEC)
    other = practicum("plugin", "update", "farewell", "greeting.yaml", "--yes")
    assert (other.returncode, "specification of greeting" in other.stderr) == (2, True)
    missing = practicum("plugin", "update", "greeting", "greeting.yaml", "--yes")
    assert (missing.returncode, "no plugin 'greeting' is installed" in missing.stderr) == (2, True)
    wrong = practicum("plugin", "update", "greeting", "greeting.yaml", "--repo", "clock", "--yes")
    assert (wrong.returncode, "OWNER/NAME" in wrong.stderr) == (2, True)
