"""`lease.*`: who was handed which narrow, expiring access. Ids only, never tokens."""

from __future__ import annotations

from datetime import datetime

from practicum.bus.events.base import Data, Json


class LeaseRequested(Data, type="lease.requested"):
    """An agent needs a service."""

    agent: str
    service: str
    purpose: str = ""


class LeaseGranted(Data, type="lease.granted"):
    """The proctor handed out a lease."""

    lease: str
    agent: str
    service: str
    identity: str
    """The account on whose behalf the service is called, such as the GitHub login `dev-1`."""
    scope: dict[str, Json]
    expires: datetime
    max_calls: int | None = None
    budget_usd: float | None = None


class LeaseDenied(Data, type="lease.denied"):
    """The proctor refused a lease."""

    agent: str
    service: str
    reason: str


class LeaseRenewed(Data, type="lease.renewed"):
    """A lease lives longer."""

    lease: str
    agent: str
    service: str
    expires: datetime


class LeaseRevoked(Data, type="lease.revoked"):
    """A lease was taken back before its time."""

    lease: str
    agent: str
    service: str
    reason: str


class LeaseExpired(Data, type="lease.expired"):
    """A lease's time is over."""

    lease: str
    agent: str
    service: str
