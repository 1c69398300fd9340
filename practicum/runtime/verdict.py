"""`verdict.json`: how a run ended and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from pydantic import BaseModel

from practicum.api.evaluator import Evaluator, Evidence, Finding
from practicum.bus.events import Data, EvaluationCompleted, Json, Outcome
from practicum.errors import ExitCode, PracticumError
from practicum.proctor.control import LeaseUse
from practicum.scenarios.judgment import Evaluated, Judged

_EXIT: dict[str, ExitCode] = {"passed": ExitCode.PASSED, "failed": ExitCode.FAILED}


class AgentUse(BaseModel):
    """What one agent used."""

    role: str
    model: str
    turns: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float = 0.0
    exchanges: int = 0
    refused: int = 0


class Verdict(BaseModel):
    """The result of a run. The schema is published with `practicum schema verdict`."""

    run: str
    scenario: str
    outcome: Outcome
    reason: str
    """In words: which evaluations failed, which limit was reached, what broke."""
    started: datetime
    seconds: float
    team: str
    agents: dict[str, AgentUse]
    services: dict[str, str]
    isolation: dict[str, str]
    agents_isolation: dict[str, str]
    evaluations: list[Evaluated]
    leases: list[LeaseUse] = []
    facts: dict[str, Json] = {}
    """A few numbers for the summary: pull requests merged, tests, coverage, calls, refused."""
    events: int = 0
    head: str = ""
    practicum: str = ""

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT.get(self.outcome, ExitCode.INCONCLUSIVE)


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
