"""Acts that wait for a person."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from practicum.bus.events import ApprovalDecided, ApprovalRequested, Data
from practicum.errors import UsageError
from practicum.proctor.access import Access, Refusal
from practicum.proctor.lease import Lease


class Tell(Protocol):
    """Publishes an event."""

    async def __call__(self, data: Data, cause: str | None = None) -> None: ...


@dataclass
class _Pending:
    id: str
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    approved: bool = False
    by: str = ""
    comment: str = ""


class Approvals:
    """Asks once for each distinct call, holds it for a moment, and lets the repeated call through when it is allowed.

    An SDK gives up after some seconds and a person may take hours; so a call that is not decided in time is refused
    with the approval's id, and the same call (same agent, route, resource and body) finds the decision later. One
    decision lets one call through.
    """

    def __init__(self, tell: Tell, hold_s: float) -> None:
        self._tell = tell
        self._hold_s = hold_s
        self._pending: dict[tuple[str, ...], _Pending] = {}

    async def wait(
        self, lease: Lease, access: Access, refusal: Refusal, digest: str, cause: str | None
    ) -> Refusal | None:
        """None when a person allowed the call; else why not, or that it still waits."""
        key = (lease.agent, access.route, access.resource, refusal.rule, digest)
        pending = self._pending.get(key)
        if pending is None:
            pending = self._pending[key] = _Pending("approval-" + secrets.token_hex(6))
            asked = ApprovalRequested(
                approval=pending.id,
                agent=lease.agent,
                service=access.service,
                action=access.act or refusal.message.partition(" ")[0],
                resource=access.resource,
            )
            await self._tell(asked, cause)
        try:
            async with asyncio.timeout(self._hold_s):
                await pending.decided.wait()
        except TimeoutError:
            message = f"{pending.id} waits for a person; repeat the same call when it is decided"
            return Refusal("approval", refusal.rule, message)
        self._pending.pop(key, None)
        if pending.approved:
            return None
        return Refusal("approval", refusal.rule, f"{pending.id} was declined by {pending.by}: {pending.comment}")

    async def decide(self, approval: str, approved: bool, by: str, comment: str) -> None:
        """A person's word.

        Raises:
            UsageError: no such approval waits.
        """
        for pending in self._pending.values():
            if pending.id == approval and not pending.decided.is_set():
                pending.approved, pending.by, pending.comment = approved, by, comment
                await self._tell(ApprovalDecided(approval=approval, approved=approved, by=by, comment=comment), None)
                pending.decided.set()
                return
        raise UsageError(f"{approval} does not wait for a decision")
