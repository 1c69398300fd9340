"""Where leases are handed out, renewed and taken back. Every step is an event."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from practicum.bus.events import (
    Data,
    Json,
    LeaseDenied,
    LeaseExpired,
    LeaseGranted,
    LeaseRenewed,
    LeaseRequested,
    LeaseRevoked,
)
from practicum.clock import Clock
from practicum.errors import LeaseError, UsageError
from practicum.proctor.access import Grant
from practicum.proctor.accounts import LAUNCHER, Account
from practicum.proctor.charter import Terms
from practicum.proctor.control import LeaseUse, ServiceLease
from practicum.proctor.gateway.upstream import GATEWAY_API
from practicum.proctor.lease import Lease, LeaseBook
from practicum.proctor.roster import Roster, inspection_grant
from practicum.proctor.voice import Voice

INSPECT = "inspect"


class LeaseDesk:
    """The leases of one run."""

    def __init__(self, run: str, book: LeaseBook, roster: Roster, voice: Voice, clock: Clock, ttl: timedelta) -> None:
        self._run, self._book, self._roster, self._voice, self._clock = run, book, roster, voice, clock
        self._ttl = ttl
        self._barred: dict[tuple[str, str], str] = {}
        """Agent and service to the reason for which an operator took the lease back: it gets no other."""
        self._changed = asyncio.Event()
        self.gateway = ""
        """`http://127.0.0.1:PORT`, once it listens."""

    async def grant_all(self, agent: str) -> dict[str, ServiceLease]:
        """Everything that an agent's charter allows; former leases of the agent are taken back.

        Raises:
            UsageError: there is no such agent, or the gateway does not listen yet.
        """
        member = self._roster.members.get(agent)
        if member is None:
            raise UsageError(f"there is no agent {agent!r}", hint=f"agents: {', '.join(self._roster.members)}")
        return {service: await self._grant(agent, service) for service in member.compiled.grants}

    async def request(self, agent: str, service: str, purpose: str) -> ServiceLease:
        """An agent asks for a service by itself: recorded, then granted or denied.

        Raises:
            LeaseError: denied; the message is the reason.
        """
        await self._tell(LeaseRequested(agent=agent, service=service, purpose=purpose), service)
        member = self._roster.members.get(agent)
        reason = ""
        if member is None:
            reason = f"{agent} is not of the team"
        elif (agent, service) in self._barred:
            reason = f"revoked: {self._barred[agent, service]}"
        elif service not in member.compiled.grants:
            reason = f"{member.setup.role}: can.{service} is not in the charter, or not in the scenario"
        if reason:
            await self._tell(LeaseDenied(agent=agent, service=service, reason=reason), service)
            raise LeaseError(reason)
        return await self._grant(agent, service)

    async def renew(self, agent: str) -> dict[str, datetime]:
        """Give an agent's good leases their full time again; service to expiry. What is over stays over."""
        renewed: dict[str, datetime] = {}
        for lease in self._book.of(agent):
            if not self._book.is_over(lease):
                self._book.renew(lease)
                renewed[lease.service] = lease.expires
                await self._tell(
                    LeaseRenewed(lease=lease.id, agent=agent, service=lease.service, expires=lease.expires),
                    lease.service,
                )
        self._changed.set()
        return renewed

    async def revoke(self, *, reason: str, lease: str = "", agent: str = "", final: bool = True) -> int:
        """Take back one lease, an agent's, or all; how many that were. With `final` the agent gets no others.

        Raises:
            UsageError: there is no such lease or agent.
        """
        if agent and agent not in self._roster.members and agent != LAUNCHER:
            raise UsageError(f"there is no agent {agent!r}", hint=f"agents: {', '.join(self._roster.members)}")
        chosen = [each for each in self._book.of(agent or None) if not lease or each.id == lease]
        if lease and not chosen:
            raise UsageError(f"there is no lease {lease!r}")
        count = 0
        # All are dead before the first event is sent: telling may wait for the bus, taking back may not.
        over = [each for each in chosen if self._book.revoke(each, reason)]
        for each in chosen:
            if final:
                self._barred[each.agent, each.service] = reason
        if agent and final:
            self._barred |= dict.fromkeys(((agent, service) for service in self._roster.modes), reason)
        for each in over:
            count += 1
            await self._tell(
                LeaseRevoked(lease=each.id, agent=each.agent, service=each.service, reason=reason), each.service
            )
        return count

    def revoke_now(self, reason: str) -> None:
        """Take everything back without a word: the launcher is gone, and nobody listens."""
        for lease in self._book:
            self._book.revoke(lease, reason)

    def is_barred(self, agent: str) -> bool:
        """Whether everything was taken from an agent for good."""
        return bool(self._roster.modes) and all((agent, service) in self._barred for service in self._roster.modes)

    async def inspector(self) -> dict[str, ServiceLease]:
        """The launcher's own leases: read every service, and look into the world."""
        terms = Terms(self._ttl)
        granted = {
            service: await self._grant_as(LAUNCHER, account, inspection_grant(service), terms)
            for service, account in self._roster.inspectors.items()
        }
        granted[INSPECT] = await self._grant_as(
            LAUNCHER, self._roster.admin, inspection_grant(INSPECT), terms, service=INSPECT
        )
        return granted

    def usage(self) -> list[LeaseUse]:
        """Granted beside used, one row a lease."""
        return [self._use(lease) for lease in self._book]

    async def sweep(self) -> None:
        """Tell of each lease that ends by itself, when it does. Runs until cancelled."""
        while True:
            self._changed.clear()
            due = self._book.next_expiry()
            wait = None if due is None else max(0.0, (due - self._clock.now()).total_seconds())
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                for lease in self._book.sweep():
                    await self._tell(
                        LeaseExpired(lease=lease.id, agent=lease.agent, service=lease.service), lease.service
                    )

    async def _grant(self, agent: str, service: str) -> ServiceLease:
        member = self._roster.members[agent]
        return await self._grant_as(
            agent, member.accounts[service], member.compiled.grants[service], member.compiled.terms[service]
        )

    async def _grant_as(
        self, agent: str, account: Account, grant: Grant, terms: Terms, *, service: str = ""
    ) -> ServiceLease:
        if not self.gateway:
            raise UsageError("the gateway does not listen yet", hint="connect comes before lease")
        service = service or account.service
        for former in self._book.of(agent):
            if former.service == service and self._book.revoke(former, "replaced"):
                await self._tell(
                    LeaseRevoked(lease=former.id, agent=agent, service=service, reason="replaced"), service
                )
        token, lease = self._book.grant(
            run=self._run,
            agent=agent,
            service=service,
            credential=account.credential,
            identity=account.login,
            grant=grant,
            ttl=terms.ttl,
            max_calls=terms.max_calls,
            rate_per_s=terms.rate_per_s,
            budget_usd=terms.budget_usd,
        )
        self._changed.set()
        await self._tell(_granted(lease), service)
        return ServiceLease(
            id=lease.id,
            token=token,
            url=self.gateway + GATEWAY_API[service],
            git_url=f"{self.gateway}/git" if service == "github" else "",
            login=account.login,
            name=account.name,
            email=account.email,
            expires=lease.expires,
        )

    def _use(self, lease: Lease) -> LeaseUse:
        member = self._roster.members.get(lease.agent)
        return LeaseUse(
            lease=lease.id,
            agent=lease.agent,
            role=member.setup.role if member else lease.agent,
            service=lease.service,
            identity=lease.identity,
            granted={name: str(level) for name, level in lease.grant.permissions.items()},
            used=dict(lease.used),
            calls=lease.calls,
            refused=lease.refused,
            cost_usd=lease.cost_usd,
        )

    async def _tell(self, data: Data, service: str) -> None:
        await self._voice.publish(data, provenance=self._roster.modes.get(service, "simulated"))


def _granted(lease: Lease) -> LeaseGranted:
    grant = lease.grant
    scope: dict[str, Json] = {"resources": [*sorted(grant.resources)], "permissions": {**grant.permissions}}
    if grant.forbidden:
        scope["cannot"] = [*sorted(grant.forbidden)]
    if grant.approval:
        scope["approval"] = [*sorted(grant.approval)]
    return LeaseGranted(
        lease=lease.id,
        agent=lease.agent,
        service=lease.service,
        identity=lease.identity,
        scope=scope,
        expires=lease.expires,
        max_calls=lease.max_calls,
        budget_usd=lease.budget_usd,
    )
