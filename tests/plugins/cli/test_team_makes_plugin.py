"""A running team has plugins made, uses them without a restart, and gets no more by it than its charter allows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from practicum_command import Practicum

from practicum.plugins.store import Store

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(150)]


def test_a_team_makes_a_plugin_and_uses_it_in_the_same_run(practicum: Practicum) -> None:
    shutil.copytree(Path(__file__).parent / "making", practicum.cwd / "making")
    done = practicum("run", str(practicum.cwd / "making"), timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    run = practicum.last(done)
    seen = json.loads((run.path / "agents" / "maker" / "seen.json").read_text())
    assert seen["state"] == "succeeded"
    assert seen["checks"]["verifier"] == "passed"
    assert seen["warm"] == pytest.approx(98.6)
    assert seen["begun"] in ("queued", "generating", "building")
    assert seen["vague"][0] == "failed"
    assert "not implemented" in seen["vague"][1]
    assert seen["cancelled"] == "cancelled"
    assert seen["jobs"] == [["warmth", "succeeded"], ["oracle-of-delphi", "failed"], ["heat", "cancelled"]]
    assert (seen["wrong"][0], "test" in seen["wrong"][1]) == ("failed", True)
    assert (seen["mended"], seen["doubled"]) == ("succeeded", 42)
    assert "leak wants net, example.invalid, which an agent cannot grant" in seen["net"]
    assert "wants API_TOKEN" in seen["variable"]
    assert "warmth 0.1.0 is installed with to_fahrenheit" in seen["theirs"]
    assert "this run has no job" in seen["stranger"]
    assert "not a specification" in seen["nonsense"]
    states = [body.state for body in run.of("plugin.advanced") if body.name == "warmth"]
    assert states[-1] == "succeeded"
    assert {body.by for body in run.of("plugin.requested")} == {"maker"}
    assert [body.name for body in run.of("plugin.installed")] == ["warmth", "doubler"]
    assert Store(practicum.home / "plugins").names() == ["doubler", "warmth"]
