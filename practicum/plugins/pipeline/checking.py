"""Making results of checks: time taken, problems counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import JsonValue

from practicum.plugins.pipeline.report import tail
from practicum.plugins.pipeline.result import CheckResult, Problem, Status, TestCase

T = TypeVar("T")


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


def first_of(group: BaseException) -> BaseException:
    """The first error of a group, or of a group of groups."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group


class Tasks:
    """A task group that raises what its first failing task raised, and not a group of one."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Tasks:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await self._group.__aexit__(*raised)
        except BaseExceptionGroup as group:
            raise first_of(group) from None

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin; the group waits for it at its end, and cancels it when another fails."""
        return self._group.create_task(work)
