"""What goes on with a job, and what failed and why, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from factory_kit import SPEC, result

from practicum.bus.events.plugin import (
    PluginAdvanced,
    PluginInstalled,
    PluginRemoved,
    PluginRequested,
    PluginReverted,
)
from practicum.plugins.jobs.state import Iteration, Job, JobError, State
from practicum.plugins.progress import _DOING, event_line, job_line, job_lines, result_lines

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_every_state_has_words() -> None:
    assert set(_DOING) == set(State.__args__)  # type: ignore[attr-defined]


def test_events_in_a_line() -> None:
    assert event_line(PluginRequested(job="j", name="doubler", version="0.1.0", by="dev-1")) == (
        "doubler 0.1.0: asked for by dev-1 (job j)"
    )
    assert event_line(PluginAdvanced(job="j", name="doubler", state="testing", iteration=2)) == (
        "doubler runs its tests (iteration 2)"
    )
    waits = PluginAdvanced(job="j", name="doubler", state="testing", reason="waits for the secret API_TOKEN")
    assert event_line(waits) == "doubler: waits for the secret API_TOKEN"
    failed = PluginAdvanced(job="j", name="doubler", state="failed", reason="still failing\x1b[31m")
    assert event_line(failed) == "doubler failed: still failing[31m"
    installed = PluginInstalled(name="doubler", version="2.0.0", host="isolated", actions=("double",), replaces="1.0.0")
    assert event_line(installed) == "doubler 2.0.0 serves calls, in place of 1.0.0: double"
    reverted = PluginReverted(name="doubler", version="2.0.0", to="1.0.0", reason="its health check says: no")
    assert event_line(reverted) == "doubler 2.0.0 was taken back, 1.0.0 goes on: its health check says: no"
    assert "no calls any more" in event_line(PluginRemoved(name="doubler", version="2.0.0"))


def test_a_job_says_what_failed_and_why() -> None:
    job = Job(
        id="doubler-1", spec=SPEC, state="failed", iteration=2, model="anthropic/x", created=NOW, updated=NOW,
        reason="still failing after 2 iterations, at testing: test_double", waits_for="",
        errors=[JobError(iteration=1, phase="building", message="expected ':'", time=NOW)],
        iterations=[
            Iteration(number=1, source="model", started=NOW, seconds=1.5, failed_phase="building", files=4,
                      input_tokens=100, output_tokens=10, cost_usd=0.01),
            Iteration(number=2, source="model", started=NOW, seconds=2, files=4, failed_phase="testing"),
        ],
        checks={"ruff": "passed", "pytest": "failed", "advisories": "not_checked", "review": "skipped"},
    )  # fmt: skip
    text = "\n".join(job_lines(job))
    assert text.startswith("doubler 0.1.0 failed\n  still failing after 2 iterations")
    assert "Iteration 1: failed at building after 1.5 s, 4 files by model, 100 + 10 tokens" in text
    assert "building: expected ':'" in text
    assert "ruff passed, pytest FAILED, advisories not checked, review skipped" in text
    assert "Written by a model." in text
    assert "Cost: $0.0100" in text
    assert "2 of 5" in job_line(job)
    waiting = job.model_copy(update={"state": "validating", "waits_for": "the secret API_TOKEN"})
    assert "waits for the secret API_TOKEN" in job_line(waiting)


def test_a_pipeline_result_names_each_check_and_its_problems() -> None:
    lines = result_lines(result("linting", "bad types"))
    assert lines[1].split() == ["check-building", "passed", "fine"]
    assert any("FAILED" in line for line in lines)
    assert "    src/x.py:3: mypy: bad types" in lines
