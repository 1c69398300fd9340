"""Addresses in answers that are credentials themselves, replaced by tickets of the gateway.

Slack's upload addresses and Socket Mode's websocket address carry their own secret, and so do the signed addresses to
which GitHub redirects downloads. The agent gets `{gateway}/{service}/ticket/{random}` instead.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from practicum.proctor.access import Access
from practicum.proctor.lease import Lease

MAXIMUM = 10_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket stands for. It is good as long as the lease that it was made for."""

    lease: Lease
    url: str
    access: Access
    kind: Literal["http", "websocket"]


class Tickets:
    """The tickets of a run; the oldest are forgotten above 10,000."""

    def __init__(self) -> None:
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()

    def issue(self, ticket: Ticket) -> str:
        """The random name of a new ticket."""
        name = secrets.token_urlsafe(24)
        self._tickets[name] = ticket
        if len(self._tickets) > MAXIMUM:
            self._tickets.popitem(last=False)
        return name

    def find(self, name: str) -> Ticket | None:
        """The ticket of that name."""
        return self._tickets.get(name)
