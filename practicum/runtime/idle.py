"""Finding out what a scenario proves: which of its evaluations a team satisfies that does nothing."""

from __future__ import annotations

import os
import tempfile

from practicum.runtime.places import ROOT_VARIABLE
from practicum.runtime.plan import Options
from practicum.runtime.running import run_one

IDLE = "script/idle"


async def idle_run(scenario: str) -> list[str]:
    """Run a scenario with agents that do nothing; the evaluations that would count towards a pass all the same.

    Code steps are the scenario's own and do run. Evaluations that ask a model cannot look, and are satisfied by nobody.
    The run is kept nowhere.

    Raises:
        PracticumError: it could not be run.
    """
    kept = os.environ.get(ROOT_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="practicum-idle-", ignore_cleanup_errors=True) as home:
        os.environ[ROOT_VARIABLE] = home
        try:
            verdict = await run_one(scenario, Options(models=(f"*={IDLE}",), unjudged=True))
        finally:
            if kept is None:
                del os.environ[ROOT_VARIABLE]
            else:
                os.environ[ROOT_VARIABLE] = kept
    code = {step.index for step in verdict.steps if step.kind == "code"}
    return [
        f"{item.evaluator}: {item.summary}"
        for item in verdict.evaluations
        if item.outcome == "passed" and item.counts and item.kind != "guard" and item.step not in code
    ]
