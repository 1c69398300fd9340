"""`step.*`, `conversation.*`, `mock.*`: what a scenario does to its agents, and what came of each part of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from practicum.bus.events.base import Data, Json

StepEnd = Literal["quiet", "exited", "timeout", "terminated", "max_turns", "finished", "failed"]
"""Why a step was over: nothing more happened, its code exited, its time was up, a condition ended the conversation, it
had its last turn, the owner of the outcome finished, it could not be done."""


StepKind = Literal["input", "code", "conversation", "say"]


class StepStarted(Data, type="step.started"):
    """A step of the scenario begins."""

    step: int
    name: str
    kind: StepKind


class StepFinished(Data, type="step.finished"):
    """A step of the scenario is over. Its evaluations come after it."""

    step: int
    name: str
    kind: StepKind
    ended: StepEnd
    reason: str = ""
    """In words: which condition, which limit, what went wrong."""
    seconds: float
    exit_code: int | None = None
    """Code only: as a shell would say it."""
    stdout: str = ""
    stderr: str = ""
    text: str = ""
    """What the agents wrote in it; a code step's stdout."""
    created: tuple[str, ...] = ()
    """Files of the workspace that were not there before, relative."""
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    truncated: bool = False
    """Output was longer than what is kept."""


class ConversationTurned(Data, type="conversation.turned"):
    """The user said something and the agent answered (or was silent until its time was up)."""

    step: int
    turn: int
    """From 1."""
    user: str
    agent: str
    seconds: float
    timed_out: bool = False
    simulator: str = ""
    """Who played the user: a model, `script`, or `scenario` for the step's own input."""


class MockCalled(Data, type="mock.called"):
    """A call that mocks were asked about."""

    service: str
    method: str
    at: datetime | None = None
    """The run clock, UTC."""
    agent: str = ""
    step: int = -1
    mock: int | None = None
    """Which of the file's mocks answered, from 0; None when none fits."""
    why: str = ""
    """Why that one, or why none."""
    args: tuple[Json, ...] = ()
    input: dict[str, Json] = Field(default_factory=dict)
    answered: Literal["response", "error", "none"] = "none"
    """`none`: no mock fits."""
    delay_ms: float = 0.0
