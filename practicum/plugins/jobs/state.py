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
    digest: str = ""
    """SHA-256 of the files, and"""
    failure: str = ""
    """of what was wrong with them, without numbers and times: when both come again, there is no progress."""


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
    """Process that works on it, or that asked for it while it is `queued`."""
    pid_started: int = 0
    """When that process began, in the kernel's ticks since boot: a pid is given again."""
    by: str = "operator"
    """Who asked for it: an agent, or `operator`."""
    timeout_s: float = 1800.0
    """From the first generating to the end, all iterations and waiting for a secret included."""
    fallback: bool = False
    """Whether templates may write it when the model cannot."""
    cancelling: str = ""
    """Who asked for its end; empty when nobody did."""
    resumed: int = 0
    """How often it was taken up again after its process died."""

    @property
    def over(self) -> bool:
        """Whether it never changes again."""
        return self.state in OVER

    @property
    def source(self) -> str:
        """Who wrote what it has now: `model`, `template` or `given`; empty before anybody did."""
        return self.iterations[-1].source if self.iterations else ""

    @property
    def cost_usd(self) -> float:
        """Of all iterations."""
        return sum(one.cost_usd for one in self.iterations)
