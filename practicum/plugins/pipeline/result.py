"""What a phase of the pipeline found. Counts come from report files and exit codes, never from what was printed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import JsonValue

from practicum.plugins.specification import PluginSpecification

PhaseName = Literal["building", "linting", "testing", "validating"]
"""`building`: wheel or bundle, dependencies. `linting`: lint, types, static review, dependency scan. `testing`: the
plugin's own tests, coverage. `validating`: every declared component loaded and called, the independent verifier."""

Status = Literal["passed", "failed", "skipped", "not_checked"]
"""`skipped` and `not_checked` are never shown as passed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    message: str
    file: str = ""
    """Relative to the plugin's folder."""
    line: int = 0
    code: str = ""
    """`mypy:arg-type`, `ruff:F401`, `pytest`, `hexora:...`."""
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test, as the report file tells it."""

    name: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a phase: `wheel`, `ruff`, `mypy`, `pytest`, `coverage`, `review`, `dependencies`, `components`..."""

    name: str
    status: Status
    seconds: float
    summary: str
    problems: tuple[Problem, ...] = ()
    tests: tuple[TestCase, ...] = ()
    facts: dict[str, JsonValue] = field(default_factory=dict)
    log: str = ""
    """What was printed, cut to its end."""


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """One phase."""

    phase: PhaseName
    checks: tuple[CheckResult, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Nothing failed, and something was checked."""
        return any(check.status == "passed" for check in self.checks) and all(
            check.status != "failed" for check in self.checks
        )

    def problems(self) -> list[Problem]:
        """All of them."""
        return [problem for check in self.checks for problem in check.problems]


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What one iteration came to."""

    phases: tuple[PhaseResult, ...]
    artifact: Path | None
    """The wheel, or the packed bundle, when it was built."""
    seconds: float

    @property
    def ok(self) -> bool:
        """Every phase is there and is well."""
        return [phase.phase for phase in self.phases] == ["building", "linting", "testing", "validating"] and all(
            phase.ok for phase in self.phases
        )

    @property
    def failed_phase(self) -> str:
        """The first that is not well; empty when all are."""
        return next((phase.phase for phase in self.phases if not phase.ok), "")


OnPhase = Callable[[PhaseName], Awaitable[None]]
"""Told when a phase begins."""


class Toolchain(Protocol):
    """A language that plugins are made in."""

    name: str

    def scaffold(self, spec: PluginSpecification) -> dict[str, str]:
        """The files that every plugin has before any model wrote one: path to text."""
        ...

    async def check(self, folder: Path, spec: PluginSpecification, on_phase: OnPhase) -> PipelineResult:
        """Build, lint, test and validate what lies in `folder`. Whatever executes the plugin's code, its tests or its
        build does so in a sandbox without network and without our environment. Cancelling ends all of it.

        Raises:
            InfrastructureError: the sandbox, or a tool of the pipeline, is not there. Never for a bad plugin.
        """
        ...
