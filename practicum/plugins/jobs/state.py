"""What a job is, at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from practicum.plugins.specification import PluginSpecification

State = Literal[
    "queued",
    "generating",
    "building",
    "linting",
    "testing",
    "validating",
    "iterating",
    "succeeded",
    "failed",
    "cancelled",
    "timed_out",
]

OVER: frozenset[State] = frozenset({"succeeded", "failed", "cancelled", "timed_out"})
"""A job in one of these never changes again."""


class JobError(BaseModel):
    """What went wrong in one iteration."""

    iteration: int
    phase: str
    message: str
    time: datetime


class Iteration(BaseModel):
    """One round of generating and checking."""

    number: int
    source: Literal["model", "template", "given"]
    """Who wrote the files: honestly labelled."""
    started: datetime
    seconds: float = 0.0
    failed_phase: str = ""
    """Empty when it passed."""
    files: int = 0
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


class Job(BaseModel):
    """A plugin being made."""

    id: str
    spec: PluginSpecification
    state: State = "queued"
    iteration: int = 0
    max_iterations: int = 5
    model: str = ""
    """`anthropic/NAME`, `openai/NAME`; empty: templates."""
    created: datetime
    updated: datetime
    ended: datetime | None = None
    reason: str = ""
    """In words, why it ended as it did."""
    errors: list[JobError] = []
    iterations: list[Iteration] = []
    folder: str = ""
    """Its workspace."""
    artifact: str = ""
    checks: dict[str, str] = {}
    """Check to status of the last iteration: `passed`, `failed`, `skipped`, `not_checked`."""
    waits_for: str = ""
    """A secret that an operator has to put into the vault, or an approval; empty when it waits for nobody."""
    pid: int = 0
    """Process that works on it."""
