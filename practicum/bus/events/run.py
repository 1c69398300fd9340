"""`run.*`: the life of one run."""

from __future__ import annotations

from typing import Literal

from practicum.bus.events.base import Data, Json

Outcome = Literal["passed", "failed", "inconclusive", "limit", "infrastructure", "cancelled"]
"""How a run ends; never mixed."""


class AgentSummary(Data):
    """One member of the team as the run starts."""

    name: str
    role: str
    model: str


class RunStarted(Data, type="run.started"):
    """The first event of a trajectory."""

    scenario: str
    team: tuple[AgentSummary, ...]
    services: dict[str, str]
    """Service to mode: `simulated`, `live` or `recorded`."""
    isolation: dict[str, str]
    """What the sandbox enforces: `tier`, `fs`, `net`, `pid`, `mem`, `cpu`, `disk`, `seccomp`."""
    agents_isolation: dict[str, str] = {}
    """The same for the agents' own processes."""
    limits: dict[str, Json] = {}
    environment: str = ""
    """Where code steps and the scenario's commands run."""
    practicum: str
    """Version of Practicum."""


class RunFinished(Data, type="run.finished"):
    """The last event of a run that ended by itself."""

    outcome: Outcome
    reason: str
    seconds: float


class RunInterrupted(Data, type="run.interrupted"):
    """The last event of a run that was broken off."""

    reason: str


class RunResumed(Data, type="run.resumed"):
    """An interrupted run goes on."""

    after: int
    """The sequence of the last recorded event before the interruption."""


class InputGiven(Data, type="input.given"):
    """A step of the scenario hands the team its task, as a user would."""

    step: int
    to: str
    text: str
    turn: int = 1
    """Of a conversation, from 1."""


class StepTaken(Data, type="step.taken"):
    """A step of the scenario was given; what it caused stands before this event."""

    step: int
    kind: str
    """`input` or `say`."""


class OutcomeDeclared(Data, type="outcome.declared"):
    """The role that owns the outcome called `finish`. Its word is recorded and decides nothing."""

    summary: str


class WorkEnded(Data, type="work.ended"):
    """The team's work is over; what comes after is looking at it."""

    reason: str


class ProcessStarted(Data, type="process.started"):
    """A process of the run came up."""

    name: str
    pid: int


class ProcessDied(Data, type="process.died"):
    """A process of the run ended when it should not have."""

    name: str
    exit_code: int
    detail: str = ""


class EventDropped(Data, type="event.dropped"):
    """An event was not taken: forged, malformed, or of an unknown type."""

    subject: str
    reason: str
    claimed_source: str = ""
    digest: str = ""
