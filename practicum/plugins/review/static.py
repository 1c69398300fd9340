"""The static review: ruff's rules about security, hexora, our own policy, secrets (B21)."""

from __future__ import annotations

import asyncio

from pydantic import JsonValue

from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.review.hexora import audit
from practicum.plugins.review.keys import secrets_in
from practicum.plugins.review.own_tests import review_tests
from practicum.plugins.review.policy import review_code
from practicum.plugins.review.ruff import ruff
from practicum.plugins.specification import PluginSpecification

_RULES = ("S",)
_NOT = "S101,S311"
"""`assert`, and random numbers that need not be secret."""
_MOST = 200
_MINOR = frozenset({"S105", "S106", "S107", "S108", "S110", "S112"})
"""Passwords that are none (`review:secret` looks closer), paths below /tmp, errors that are passed over."""


async def review(rooms: Rooms, snapshot: Snapshot, spec: PluginSpecification) -> CheckResult:
    """Look at every file of a plugin; nothing of it is executed."""
    clock = Clock()
    ruled, audited = await asyncio.gather(ruff(rooms, snapshot, _RULES, "--ignore", _NOT), audit(rooms, snapshot))
    own = await asyncio.to_thread(read, snapshot, spec)
    problems = [*own, *(_weighed(problem) for problem in ruled), *audited][:_MOST]
    errors = sum(problem.severity == "error" for problem in problems)
    summary = f"{counted(errors, 'finding')}, {counted(len(problems) - errors, 'warning')}"
    facts: dict[str, JsonValue] = {
        "files": len(snapshot.files),
        "rules": "ruff S, hexora, capabilities, secrets, imports, tests",
    }
    return clock.result("review", summary, problems, facts=facts)


def read(snapshot: Snapshot, spec: PluginSpecification) -> list[Problem]:
    """Our own policy over the files. Blocks."""
    problems = list(snapshot.problems)
    for name in sorted(snapshot.files):
        text = snapshot.read(name)
        problems += secrets_in(text, name)
        if name.endswith(".py"):
            look = review_tests if name.startswith("tests/") else review_code
            problems += look(text, name, spec)
    return problems


def _weighed(problem: Problem) -> Problem:
    rule = problem.code.removeprefix("ruff:")
    if rule in _MINOR or problem.file.startswith("tests/"):
        return Problem(problem.message, problem.file, problem.line, problem.code, "warning")
    return problem
