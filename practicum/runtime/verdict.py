"""Looking at a run with its evaluators, and settling the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal

from pydantic_core import from_json, to_json

from practicum.api.evaluator import Evaluator, Evidence, Finding, UndecidedError
from practicum.bus.events import Data, EvaluationCompleted, Outcome
from practicum.errors import PracticumError
from practicum.scenarios.echo import weakness
from practicum.scenarios.judgment import Evaluated, Judged

_AT_A_TIME = 4
"""Most evaluators wait for git, HTTP or a sandbox; more at once would only slow each other's test runs down."""

_LONGEST_S = 1800.0
"""An evaluator has limits of its own for whatever it waits for; this one is for those that forgot."""

_BEFORE = "shows nothing: it was so before any agent did anything"

Publish = Callable[[Data], Awaitable[str]]


async def evaluate_all(evaluators: Sequence[Evaluator], evidence: Evidence, publish: Publish) -> list[Evaluated]:
    """Look with every evaluator of a whole run."""
    return await evaluate(evaluators, evidence, publish)


async def evaluate(
    evaluators: Sequence[Evaluator],
    evidence: Evidence,
    publish: Publish,
    *,
    first_index: int = 0,
    step: int | None = None,
    turn: int | None = None,
    allow_weak: bool = False,
    words: str = "",
    places: Sequence[str] = (),
) -> list[Evaluated]:
    """Look with evaluators, a few at a time; publish the findings in the scenario's order.

    `evidence` has the scope that `step` and `turn` name. `words` are what the user said in it: a text check that they
    satisfy (or that no words at all do) does not count, unless `allow_weak`. `places` says where each evaluator stands
    in the file. The first is numbered `first_index`.
    """
    slots = asyncio.Semaphore(_AT_A_TIME)

    async def look(number: int, evaluator: Evaluator) -> Evaluated:
        place = places[number] if number < len(places) else ""
        async with slots:
            finding, outcome, why = await _look(evaluator, evidence, None if allow_weak else words)
        weak = ""
        if outcome == "passed" and (why or not finding.counts):
            weak = f"weak: {why}{f' ({place})' if place else ''}; --allow-weak counts it" if why else _BEFORE
        return Evaluated(
            index=first_index + number,
            evaluator=getattr(evaluator, "name", "") or evaluator.type,
            kind=evaluator.kind,
            outcome=outcome,
            summary=f"{finding.summary} ({weak})" if weak else finding.summary,
            evidence=list(finding.evidence),
            details=finding.details,
            step=step,
            turn=turn,
            weight=getattr(evaluator, "weight", 1.0),
            counts=not weak,
            place=place,
            weak=weak,
        )

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(look(number, evaluator)) for number, evaluator in enumerate(evaluators)]
    found = [task.result() for task in tasks]
    for item in found:
        await publish(EvaluationCompleted(**item.model_dump(exclude={"place", "weak"})))
    return found


async def _look(
    evaluator: Evaluator, evidence: Evidence, words: str | None
) -> tuple[Finding, Literal["passed", "failed", "error"], str]:
    """What one evaluator saw, and why that shows nothing; None for the user's words where that does not matter."""
    try:
        async with asyncio.timeout(_LONGEST_S):
            finding = await evaluator.evaluate(evidence)
        # As it will stand in the record; what is no JSON is the evaluator's error.
        finding = replace(finding, summary=str(finding.summary), details=from_json(to_json(finding.details)))
        why = weakness(evaluator, words) if finding.passed and words is not None else ""
    except UndecidedError as error:
        kept = from_json(to_json(error.details))
        return Finding(False, f"could not look: {error.message}", details=kept), "error", ""
    except Exception as error:  # the edge of an evaluator: whatever it stumbles over is its finding, and on record
        said = str(error) if isinstance(error, PracticumError) else f"{type(error).__name__}: {error}"
        return Finding(False, f"could not look: {said}"), "error", ""
    return finding, "passed" if finding.passed else "failed", why


def final_outcome(judged: Judged, ended: Outcome | None, why: str) -> tuple[Outcome, str]:
    """What broke the run off (a limit, the infrastructure, an operator) stands before what the evaluations say."""
    if ended is not None:
        return ended, why
    return judged.outcome, judged.summary
