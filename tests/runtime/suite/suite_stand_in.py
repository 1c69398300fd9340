"""A stand-in for making a run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from practicum.bus.events import Outcome
from practicum.runtime.places import new_run
from practicum.runtime.suite import Trial
from practicum.scenarios.verdict import Verdict

Execute = Callable[[Trial], Awaitable[Verdict]]


def verdict(trial: Trial, outcome: Outcome = "passed", run: str = "R", **more: object) -> Verdict:
    found = {
        "run": run,
        "scenario": trial.scenario,
        "outcome": outcome,
        "reason": "",
        "started": datetime.now(UTC),
        "seconds": 0.5,
        "team": "",
        "agents": {"a": {"role": "r", "model": "m", "input_tokens": 7, "output_tokens": 3, "cost_usd": 0.02}},
        "services": {},
        "isolation": {},
        "agents_isolation": {},
        "evaluations": [],
        "parameters": trial.parameters,
        "trial": trial.trial,
    }
    return Verdict.model_validate({**found, **more})


def trials(count: int, scenario: str = "s") -> list[Trial]:
    return [Trial(key=f"1.{n}", scenario=scenario, path=Path("s.yaml"), trial=n) for n in range(1, count + 1)]


async def quick_run(trial: Trial) -> Verdict:
    """Make a run's folder, write into it, pass."""
    folder = new_run()
    trial.run = folder.run
    (folder.path / "mine").write_text(trial.key)
    await asyncio.sleep(0)
    return verdict(trial, run=folder.run)
