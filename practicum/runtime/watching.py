"""Seeing when a run is over, and why: a limit, a process that died, nothing more to happen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from practicum.bus.events import Data, Outcome, ProcessDied
from practicum.errors import BusError, PracticumError
from practicum.runtime.child import Child
from practicum.runtime.hosts import Host
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.runtime.steps import Changes, Steps
from practicum.runtime.team import TeamState

_SETTLE_S = 30.0
_LIVE_QUIET_S = 60.0
"""A true service tells of its changes when it likes: with one, quiet means that nothing happened for so long."""


@dataclass
class Stop:
    """Why a run ends before its time."""

    outcome: Outcome | None
    why: str
    interrupted: bool = False


class Watch:
    """Watches one run."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        state: TeamState,
        changes: Changes,
        publish: Callable[[Data], Awaitable[str]],
    ) -> None:
        self._plan, self._folder, self._state, self._changes, self._publish = plan, folder, state, changes, publish
        self.stop: Stop | None = None
        self.ending = False
        """From now on a process may end."""
        self.lost: PracticumError | None = None
        """Why nothing can be recorded any more: the bus or the observer is gone for good."""
        self.broken = asyncio.Event()
        """Set with `lost`."""
        self._stayed_quiet = False

    def halt(self, stop: Stop) -> None:
        """End the run for a reason; the first one stands."""
        if self.stop is None:
            self.stop = stop
        self._changes.notify()

    def lose(self, error: PracticumError) -> None:
        """Bus or observer are gone for good: whoever waits for them hears it."""
        self.lost = self.lost or error
        self.broken.set()
        self.halt(Stop("infrastructure", error.message))

    async def time_limit(self) -> None:
        """End the run when its time is up."""
        limit = self._plan.time_s
        await asyncio.sleep(limit)
        self.halt(Stop("limit", f"the time limit of {limit:g} s was reached"))

    async def child(self, child: Child) -> None:
        """End the run when proctor or world die."""
        code = await child.wait()
        await self._died(child.name, code, self._folder.logs / f"{child.name}.log")

    async def host(self, host: Host) -> None:
        """End the run when an agent's process dies."""
        code = await host.process.wait()
        # A program of the user's has its host's uid: that it ended it is no excuse for what it did not do.
        own = any(agent.name == host.agent and agent.program is not None for agent in self._plan.agents)
        log = self._folder.logs / f"agent-{host.agent}.log"
        await self._died(host.agent, code, log, None if own else "infrastructure")

    async def _died(self, name: str, code: int, log: Path, outcome: Outcome | None = "infrastructure") -> None:
        if self.ending:
            return
        tail = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
        self.halt(Stop(outcome, f"{name} died (exit {code})"))
        with contextlib.suppress(BusError):
            await self._publish(ProcessDied(name=name, exit_code=code, detail=tail))

    def over(self, steps: Steps) -> bool:
        """Whether the run has ended; sets why where it is not simply done."""
        limits, totals = self._plan.loaded.scenario.limits, self._state.totals
        if self.stop is None:
            if totals.turns > limits.turns:
                self.stop = Stop("limit", f"the limit of {limits.turns} turns was reached")
            elif totals.events > limits.events:
                self.stop = Stop("limit", f"the limit of {limits.events} events was reached")
            elif limits.tokens is not None and totals.tokens > limits.tokens:
                self.stop = Stop("limit", f"the limit of {limits.tokens} tokens was reached")
            elif self._state.budget is not None:
                budget = self._state.budget
                said = f"${budget.value:.2f} spent, and the next call may cost more than is left"
                self.stop = Stop("limit", f"the budget of ${budget.maximum:g} is used up: {said}")
        quiet = self._stayed_quiet if self._plan.provenance == "live" else steps.over and self._state.quiet
        return self.stop is not None or self._state.declared is not None or quiet

    async def live_quiet(self, steps: Steps) -> None:
        """Find out that a run with live services is quiet: nothing has happened for a while."""
        while not self._stayed_quiet:
            await self._changes.until(lambda: steps.over and self._state.quiet)
            before = self._state.totals.events
            try:
                async with asyncio.timeout(_LIVE_QUIET_S):
                    await self._changes.until(lambda before=before: self._state.totals.events != before)  # type: ignore[misc]
            except TimeoutError:
                self._stayed_quiet = True
        self._changes.notify()

    async def wait_jobs(self) -> None:
        """Checks and deliveries that are on their way may end; they are part of what is judged."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_S):
                await self._changes.until(lambda: not self._state.jobs or self.stop is not None)
