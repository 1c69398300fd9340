"""Looking at a run with its evaluators, and settling the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from practicum.api.evaluator import Evaluator, Evidence, Finding
from practicum.bus.events import Data, EvaluationCompleted, Outcome
from practicum.errors import PracticumError
from practicum.scenarios.judgment import Evaluated, Judged

_AT_A_TIME = 4
"""Most evaluators wait for git, HTTP or a sandbox; more at once would only slow each other's test runs down."""


async def evaluate_all(
    evaluators: tuple[Evaluator, ...], evidence: Evidence, publish: Callable[[Data], Awaitable[str]]
) -> list[Evaluated]:
    """Look with every evaluator, a few at a time; publish the findings in the scenario's order."""
    slots = asyncio.Semaphore(_AT_A_TIME)

    async def look(index: int, evaluator: Evaluator) -> Evaluated:
        async with slots:
            return await _look(index, evaluator, evidence)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(look(index, evaluator)) for index, evaluator in enumerate(evaluators)]
    found = [task.result() for task in tasks]
    for item in found:
        await publish(EvaluationCompleted(**item.model_dump()))
    return found


async def _look(index: int, evaluator: Evaluator, evidence: Evidence) -> Evaluated:
    try:
        finding = await evaluator.evaluate(evidence)
        outcome = "passed" if finding.passed else "failed"
    except Exception as error:  # the edge of an evaluator: whatever it stumbles over is its finding, and on record
        said = str(error) if isinstance(error, PracticumError) else f"{type(error).__name__}: {error}"
        finding, outcome = Finding(False, f"could not look: {said}"), "error"
    return Evaluated.model_validate(
        {
            "index": index,
            "evaluator": getattr(evaluator, "name", "") or evaluator.type,
            "kind": evaluator.kind,
            "outcome": outcome,
            "summary": finding.summary,
            "evidence": list(finding.evidence),
            "details": finding.details,
        }
    )


def final_outcome(judged: Judged, ended: Outcome | None, why: str) -> tuple[Outcome, str]:
    """What broke the run off (a limit, the infrastructure, an operator) stands before what the evaluations say."""
    if ended is not None:
        return ended, why
    return judged.outcome, judged.summary
