"""Making results of checks: time taken, problems counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from practicum.plugins.pipeline.report import tail
from practicum.plugins.pipeline.result import CheckResult, Problem, Status, TestCase


@dataclass
class Clock:
    """Measures one check from when it is made."""

    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def result(
        self,
        name: str,
        summary: str,
        problems: Sequence[Problem] = (),
        *,
        status: Status | None = None,
        tests: Sequence[TestCase] = (),
        facts: dict[str, JsonValue] | None = None,
        log: str = "",
    ) -> CheckResult:
        """The check's result; without a `status`, an error among the problems is a failure."""
        wrong = any(problem.severity == "error" for problem in problems)
        return CheckResult(
            name=name,
            status=status or ("failed" if wrong else "passed"),
            seconds=self.seconds,
            summary=summary,
            problems=tuple(problems),
            tests=tuple(tests),
            facts=facts or {},
            log=tail(log),
        )


def counted(number: int, what: str) -> str:
    """`1 test`, `3 tests`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
