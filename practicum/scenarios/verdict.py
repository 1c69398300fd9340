"""`verdict.json`: how a run ended and why."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from practicum.bus.events import Json, MockCalled, Outcome, StepEnd
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
    seconds: float = 0.0
    """Of its turns: from being woken to coming to rest."""


class TurnResult(BaseModel):
    """One turn of a conversation."""

    turn: int
    user: str
    agent: str
    seconds: float
    timed_out: bool = False
    simulator: str = ""


class StepResult(BaseModel):
    """What came of one step."""

    index: int
    name: str
    kind: Literal["input", "code", "conversation", "say"]
    ended: StepEnd
    reason: str = ""
    started_at: datetime
    ended_at: datetime
    seconds: float
    given: str = ""
    """The input, or the code."""
    text: str = ""
    """What the agents wrote; a code step's stdout."""
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    created: list[str] = []
    changed: list[str] = []
    deleted: list[str] = []
    turns: list[TurnResult] = []


class MockUse(BaseModel):
    """One mock of the file, or a method that was called and that no mock fits, and its calls."""

    mock: int | None
    """Its place in `setup.mocks`, from 0; None for calls that no mock fits."""
    service: str
    method: str
    calls: int
    log: list[MockCalled] = []
    flag: Literal["", "unused", "unmatched"] = ""


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
    description: str = ""
    scenario_file: str = ""
    strategy: str = "all_pass"
    environment: str = ""
    """Where code steps and commands ran: `local`, `sandbox`, `docker`, `e2b`."""
    steps: list[StepResult] = []
    mocks: list[MockUse] = []
    notes: list[str] = []
    """How the file was read, and what about it is weak."""
    parameters: dict[str, Json] = {}
    """Of a matrix: key path to value."""
    trial: int = 1
    """From 1, of several trials of the same scenario."""

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT.get(self.outcome, ExitCode.INCONCLUSIVE)
