"""Known holes of a plugin's dependencies. Where no source answers, the status is `not_checked`, never `passed`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from pydantic import JsonValue

from practicum.plugins.dependencies.osv import API, Advisory, Unreachable, ask, look
from practicum.plugins.dependencies.policy import DependencyPolicy
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.result import CheckResult, Problem

_KEPT_S = 600.0
"""How long an answer of the API is not asked for again, and one that is away is left alone."""


class Advisories:
    """Asks OSV's API, else looks into the folder that the policy names. Remembers answers for ten minutes."""

    def __init__(self, policy: DependencyPolicy, url: str = API) -> None:
        self._policy, self._url = policy, url
        self._known: dict[tuple[str, ...], tuple[float, list[Advisory]]] = {}
        self._away: tuple[float, str] | None = None

    async def check(self, pins: Sequence[str]) -> CheckResult:
        """`failed` where an advisory fits, `skipped` without dependencies, `not_checked` where nobody answered."""
        clock = Clock()
        if not pins:
            return clock.result("advisories", "no dependencies to look up", status="skipped")
        reasons: list[str] = []
        try:
            return _result(clock, await self._online(tuple(sorted(pins))), "OSV's API", pins)
        except Unreachable as error:
            reasons.append(str(error))
        if self._policy.advisories is not None:
            try:
                dump = await asyncio.to_thread(look, self._policy.advisories, pins)
                until = "" if dump.newest is None else f", the newest of {dump.newest:%Y-%m-%d}"
                return _result(clock, list(dump.found), f"a folder of {dump.count} advisories{until}", pins)
            except Unreachable as error:
                reasons.append(str(error))
        else:
            reasons.append("and no folder of advisories was given")
        why = ", ".join(reasons)
        problem = Problem(f"advisories were not looked up: {why}", "pyproject.toml", code="osv", severity="warning")
        return clock.result("advisories", f"not checked: {why}", [problem], status="not_checked")

    async def _online(self, pins: tuple[str, ...]) -> list[Advisory]:
        if not self._policy.online:
            raise Unreachable("asking OSV's API is switched off")
        now = time.monotonic()
        if pins in self._known and now - self._known[pins][0] < _KEPT_S:
            return self._known[pins][1]
        if self._away is not None and now - self._away[0] < _KEPT_S:
            raise Unreachable(self._away[1])
        try:
            found = await ask(pins, self._url)
        except Unreachable as error:
            self._away = (time.monotonic(), str(error))
            raise
        self._known[pins] = (time.monotonic(), found)
        return found


def _result(clock: Clock, found: list[Advisory], source: str, pins: Sequence[str]) -> CheckResult:
    problems = [
        Problem(f"{one.package} {one.version}: {one.id} {one.summary}".strip(), "pyproject.toml", code="osv")
        for one in found
    ]
    facts: dict[str, JsonValue] = {"source": source, "packages": len(pins), "advisories": len(found)}
    summary = f"{len(found)} known for {counted(len(pins), 'package')}, by {source}"
    return clock.result("advisories", summary, problems, facts=facts)
