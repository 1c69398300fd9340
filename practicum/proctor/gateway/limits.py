"""How much a lease may be used: calls, rate, money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

from practicum.bus.events import LimitReached
from practicum.clock import Clock
from practicum.proctor.access import Refusal
from practicum.proctor.gateway.refusal import CallRefusedError
from practicum.proctor.lease import Lease


@dataclass(frozen=True, slots=True)
class _Purse:
    """One of the budgets that a call falls under."""

    of: str
    rule: str
    budget: float
    spent: float
    held: float
    """What calls that are under way may cost at most."""

    def lacks(self, estimate: float) -> bool:
        """Whether a call does not fit beside those under way."""
        left = self.budget - self.spent - self.held
        return left <= 0 or estimate > left

    def would_lack(self, estimate: float) -> bool:
        """Whether it would not fit either if those under way cost nothing."""
        left = self.budget - self.spent
        return left <= 0 or estimate > left


class Limits:
    """Counts calls and money; says when it was enough. `fresh` collects limits that were reached for the first time."""

    def __init__(self, clock: Clock, leases: Iterable[Lease], run_budget_usd: float | None) -> None:
        self._clock = clock
        self._leases = leases
        self._run_budget = run_budget_usd
        self._held: dict[str, float] = {}
        self._settled = asyncio.Event()
        """Set, and replaced by a fresh one, when a call that held money is over."""
        self._told: set[tuple[str, str]] = set()
        self.fresh: list[LimitReached] = []

    def count(self, lease: Lease) -> None:
        """Count a call of a good lease.

        Raises:
            CallRefusedError: its calls are used up (`limit`), or it calls too fast (`rate`, with the time to wait).
        """
        if lease.max_calls is not None and lease.calls >= lease.max_calls:
            self._tell("calls", lease.id, lease.calls, lease.max_calls)
            raise CallRefusedError(
                Refusal("limit", f"{_role(lease)}: lease.max_calls {lease.max_calls}", "the lease has no calls left")
            )
        if lease.rate_per_s is not None:
            self._pace(lease, lease.rate_per_s)
        lease.calls += 1

    @asynccontextmanager
    async def money(self, lease: Lease, estimate_usd: float) -> AsyncIterator[None]:
        """Hold back what a call may cost at most, until its true cost is known.

        A call that would fit if those under way cost little waits until they are over: what a call may cost is many
        times what most do.

        Raises:
            CallRefusedError: nothing is left of a budget, or less than the call may cost (`budget`).
        """
        while any(purse.lacks(estimate_usd) for purse in self._purses(lease)):
            for purse in self._purses(lease):
                if purse.would_lack(estimate_usd):
                    self._refuse(purse, estimate_usd)
            await self._settled.wait()
        self._held[lease.id] = self._held.get(lease.id, 0.0) + estimate_usd
        try:
            yield
        finally:
            self._held[lease.id] -= estimate_usd
            self._settled.set()
            self._settled = asyncio.Event()

    def _purses(self, lease: Lease) -> Iterable[_Purse]:
        if lease.budget_usd is not None:
            rule = f"{_role(lease)}: can.model.budget"
            yield _Purse(lease.agent, rule, lease.budget_usd, lease.cost_usd, self._held.get(lease.id, 0.0))
        if self._run_budget is not None:
            spent = sum(each.cost_usd for each in self._leases)
            yield _Purse("run", "limits.cost of the run", self._run_budget, spent, sum(self._held.values()))

    def _refuse(self, purse: _Purse, estimate: float) -> NoReturn:
        left = purse.budget - purse.spent
        self._tell("cost", purse.of, purse.spent, purse.budget)
        asked = f"; this call may cost up to ${estimate:.4f}, ask for fewer output tokens" if left > 0 else ""
        message = f"the budget of ${purse.budget:.2f} leaves ${max(left, 0.0):.4f}{asked}"
        raise CallRefusedError(Refusal("budget", f"{purse.rule} ${purse.budget:g}", message))

    def _pace(self, lease: Lease, rate: float) -> None:
        """A sliding window: at most `rate` calls a second, or one in `1/rate` seconds where that is less than one."""
        horizon = max(1.0, 1.0 / rate)
        now = self._clock.monotonic()
        lease.window[:] = [moment for moment in lease.window if moment > now - horizon]
        if len(lease.window) >= max(1, int(rate * horizon)):
            wait = lease.window[0] + horizon - now
            self._tell("rate", lease.id, len(lease.window) / horizon, rate)
            refusal = Refusal("rate", f"{_role(lease)}: lease.rate {rate:g}/s", "the lease is used too fast")
            raise CallRefusedError(refusal, retry_after=wait)
        lease.window.append(now)

    def _tell(self, limit: str, of: str, value: float, maximum: float) -> None:
        if (limit, of) not in self._told:
            self._told.add((limit, of))
            self.fresh.append(LimitReached(limit=limit, of=of, value=value, maximum=maximum))


def _role(lease: Lease) -> str:
    return lease.grant.rules.get("", lease.agent)
