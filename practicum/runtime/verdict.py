"""Looking at a run with its evaluators, and settling the outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from practicum.api.evaluator import Evaluator, Evidence, Finding
from practicum.bus.events import Data, EvaluationCompleted, Outcome
from practicum.errors import PracticumError
from practicum.scenarios.judgment import Evaluated, Judged


async def evaluate_all(
    evaluators: tuple[Evaluator, ...], evidence: Evidence, publish: Callable[[Data], Awaitable[str]]
) -> list[Evaluated]:
    """Look with every evaluator, in order; publish each finding."""
    found = []
    for index, evaluator in enumerate(evaluators):
        try:
            finding = await evaluator.evaluate(evidence)
            outcome = "passed" if finding.passed else "failed"
        except Exception as error:  # the edge of an evaluator: whatever it stumbles over is its finding, and on record
            said = str(error) if isinstance(error, PracticumError) else f"{type(error).__name__}: {error}"
            finding, outcome = Finding(False, f"could not look: {said}"), "error"
        item = Evaluated.model_validate(
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
        found.append(item)
        await publish(EvaluationCompleted(**item.model_dump()))
    return found


def final_outcome(judged: Judged, ended: Outcome | None, why: str) -> tuple[Outcome, str]:
    """What broke the run off (a limit, the infrastructure, an operator) stands before what the evaluations say."""
    if ended is not None:
        return ended, why
    return judged.outcome, judged.summary
