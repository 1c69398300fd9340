"""The user's brief is the user's words too: an agent that repeats it has done nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from practicum_command import Practicum

pytestmark = [pytest.mark.broker, pytest.mark.sandbox]

CHECK = "[{type: string_contains, value: teapot}]"


def test_an_agent_that_repeats_the_brief_passes_nothing(practicum: Practicum, tmp_path: Path) -> None:
    text = f"name: n\nrun: {{input: Do it., evaluations: {CHECK}}}\nown_evaluations: {CHECK}\n"
    (tmp_path / "n.scenario.yaml").write_text(text)
    (tmp_path / "brief.md").write_text("Tell me about the teapot.\n")
    done = practicum("run", "n.scenario.yaml", "--brief", "brief.md", "--model", "script/echo", "--json")
    verdict = json.loads(done.stdout)
    assert verdict["outcome"] == "inconclusive"
    found = [(item["outcome"], item["counts"]) for item in verdict["evaluations"]]
    assert found == [("passed", False), ("passed", False)]
