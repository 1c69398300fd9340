"""`verdict.json`: how a run ended and why."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from practicum.bus.events import Json, Outcome
from practicum.errors import ExitCode
from practicum.scenarios.judgment import Evaluated

_EXIT: dict[str, ExitCode] = {"passed": ExitCode.PASSED, "failed": ExitCode.FAILED}


class LeaseUse(BaseModel):
    """What a lease granted, beside what was used of it."""

    lease: str
    agent: str
    role: str
    service: str
    identity: str
    granted: dict[str, str]
    """Permission to level."""
    used: dict[str, int]
    """`permission:level` to number of calls."""
    calls: int
    refused: int
    cost_usd: float


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
    """The result of a run, as `practicum run --json` prints it."""

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
