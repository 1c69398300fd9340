"""The bench says what became of each specification, and counts honestly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from practicum_command import Practicum

from practicum.plugins.reading import read_specification

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "plugins").glob("*.yaml"))


def test_the_benchs_specifications_are_many_and_of_every_kind() -> None:
    specs = [read_specification(path) for path in EXAMPLES]
    assert len(specs) >= 12
    assert {kind for spec in specs for kind, _ in spec.declared()} == {
        *("action", "provider", "service", "evaluator", "task")
    }
    assert [path.stem for path in EXAMPLES] == [spec.name for spec in specs]
    assert any(spec.environment for spec in specs)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(150)
def test_it_measures_success_iterations_cost_and_time(practicum: Practicum) -> None:
    chosen = [str(path) for path in EXAMPLES if path.stem in ("house-rules", "sentiment")]
    done = practicum("plugin", "bench", *chosen, "--json", timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    *rows, score = map(json.loads, done.stdout.splitlines())
    assert [(row["name"], row["state"], row["source"]) for row in rows] == [
        ("house-rules", "succeeded", "template"),
        ("sentiment", "failed", "template"),
    ]
    assert (score["specifications"], score["succeeded"], score["success_rate"]) == (2, 1, 0.5)
    assert (score["mean_iterations"], score["cost_usd"]) == (1.0, 0.0)
    assert score["mean_seconds"] > 0
    assert not practicum.home.exists()  # in folders of its own
