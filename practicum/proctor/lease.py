"""Leases: narrow, expiring, revocable access of one agent to one service. Only hashes of tokens are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from practicum.clock import Clock
from practicum.errors import LeaseError
from practicum.ids import new_lease_id, new_lease_token
from practicum.proctor.access import Grant


@dataclass
class Lease:
    """What the proctor knows of one lease."""

    id: str
    run: str
    agent: str
    service: str
    credential: str
    """The vault's name of the key that stands behind it: `github@dev-1`, `anthropic`."""
    identity: str
    """The account's login at the service."""
    grant: Grant
    ttl: timedelta
    expires: datetime
    max_calls: int | None = None
    rate_per_s: float | None = None
    budget_usd: float | None = None
    revoked: str = ""
    """Why; empty while it is good."""
    expiry_told: bool = False
    calls: int = 0
    refused: int = 0
    cost_usd: float = 0.0
    used: dict[str, int] = field(default_factory=dict)
    """`permission:level` to number of calls: granted beside used."""
    window: list[float] = field(default_factory=list)
    """Moments of the last second's calls, for the rate."""
    watchers: set[Callable[[], None]] = field(default_factory=set, repr=False, compare=False)
    """Called when the lease is revoked: streams and websockets that must not outlive it."""

    def revoke(self, reason: str) -> None:
        """Take the lease back; what is still running on it ends now. A second time changes nothing."""
        if not self.revoked:
            self.revoked = reason
            for watcher in tuple(self.watchers):
                watcher()


class LeaseBook:
    """Every lease of a run; finds them by the hash of the token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_hash: dict[str, Lease] = {}

    def __iter__(self) -> Iterator[Lease]:
        return iter(self._by_hash.values())

    def grant(
        self,
        *,
        run: str,
        agent: str,
        service: str,
        credential: str,
        identity: str,
        grant: Grant,
        ttl: timedelta,
        max_calls: int | None = None,
        rate_per_s: float | None = None,
        budget_usd: float | None = None,
    ) -> tuple[str, Lease]:
        """Make a lease; the token is returned here once and kept nowhere.

        Calls and money that the same agent has used on earlier leases of the service are taken off the new one's
        limits, so asking again is no way round them.
        """
        former = [lease for lease in self.of(agent) if lease.service == service]
        if max_calls is not None:
            max_calls = max(0, max_calls - sum(lease.calls for lease in former))
        if budget_usd is not None:
            budget_usd = max(0.0, budget_usd - sum(lease.cost_usd for lease in former))
        token = new_lease_token()
        lease = Lease(
            id=new_lease_id(),
            run=run,
            agent=agent,
            service=service,
            credential=credential,
            identity=identity,
            grant=grant,
            ttl=ttl,
            expires=self._clock.now() + ttl,
            max_calls=max_calls,
            rate_per_s=rate_per_s,
            budget_usd=budget_usd,
        )
        self._by_hash[_digest(token)] = lease
        return token, lease

    def find(self, token: str) -> Lease | None:
        """The lease of a token, good or not; None for an unknown one."""
        return self._by_hash.get(_digest(token))

    def check(self, token: str, service: str) -> Lease:
        """The lease of a token that may be used at `service` now.

        Raises:
            LeaseError: unknown, for another service, revoked or expired.
        """
        lease = self.find(token)
        if lease is None:
            raise LeaseError("unknown lease")
        if lease.service != service:
            raise LeaseError(f"{lease.id} is for {lease.service}, not for {service}")
        if lease.revoked:
            raise LeaseError(f"{lease.id} was revoked: {lease.revoked}")
        if lease.expires <= self._clock.now():
            raise LeaseError(f"{lease.id} expired")
        return lease

    def renew(self, lease: Lease) -> None:
        """Give a good lease its full time again.

        Raises:
            LeaseError: when it was revoked or has expired.
        """
        if lease.revoked or lease.expires <= self._clock.now():
            raise LeaseError(f"{lease.id} is over and cannot be renewed")
        lease.expires = self._clock.now() + lease.ttl

    def revoke(self, lease: Lease, reason: str) -> bool:
        """Take a lease back, at once and for good; False when it was over already."""
        if self.is_over(lease):
            return False
        lease.revoke(reason)
        return True

    def is_over(self, lease: Lease) -> bool:
        """Whether it was revoked or has expired."""
        return bool(lease.revoked) or lease.expires <= self._clock.now()

    def next_expiry(self) -> datetime | None:
        """When the next lease ends by itself; None when none is left."""
        return min((lease.expires for lease in self if not lease.revoked and not lease.expiry_told), default=None)

    def sweep(self) -> list[Lease]:
        """The leases that have expired since the last sweep; each is returned once."""
        now = self._clock.now()
        over = [lease for lease in self if lease.expires <= now and not lease.revoked and not lease.expiry_told]
        for lease in over:
            lease.expiry_told = True
        return over

    def of(self, agent: str | None = None) -> list[Lease]:
        """The leases of an agent, or all."""
        return [lease for lease in self._by_hash.values() if agent is None or lease.agent == agent]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
