"""How much a lease may be used: calls, rate, money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from practicum.bus.events import LimitReached
from practicum.clock import Clock
from practicum.proctor.access import Refusal
from practicum.proctor.gateway.refusal import CallRefusedError
from practicum.proctor.lease import Lease


class Limits:
    """Counts calls and money; says when it was enough. `fresh` collects limits that were reached for the first time."""

    def __init__(self, clock: Clock, leases: Iterable[Lease], run_budget_usd: float | None) -> None:
        self._clock = clock
        self._leases = leases
        self._run_budget = run_budget_usd
        self._reserved: dict[str, float] = {}
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

    @contextmanager
    def money(self, lease: Lease, estimate_usd: float) -> Iterator[None]:
        """Hold back what a call may cost at most, until its true cost is known.

        Raises:
            CallRefusedError: nothing is left of a budget, or less than the call may cost (`budget`).
        """
        reserved = self._reserved.get(lease.id, 0.0)
        if lease.budget_usd is not None:
            self._afford(
                lease.id, f"{_role(lease)}: can.model.budget", lease.budget_usd, lease.cost_usd + reserved, estimate_usd
            )
        if self._run_budget is not None:
            spent = sum(each.cost_usd for each in self._leases) + sum(self._reserved.values())
            self._afford("run", "limits.cost of the run", self._run_budget, spent, estimate_usd)
        self._reserved[lease.id] = reserved + estimate_usd
        try:
            yield
        finally:
            self._reserved[lease.id] -= estimate_usd

    def _afford(self, of: str, rule: str, budget: float, spent: float, estimate: float) -> None:
        left = budget - spent
        if left > 0 and estimate <= left:
            return
        self._tell("cost", of, spent, budget)
        asked = f"; this call may cost up to ${estimate:.4f}, ask for fewer output tokens" if left > 0 else ""
        message = f"the budget of ${budget:.2f} leaves ${max(left, 0.0):.4f}{asked}"
        raise CallRefusedError(Refusal("budget", f"{rule} ${budget:g}", message))

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
