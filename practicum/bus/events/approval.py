"""`approval.*`: an action that waits for a person."""

from __future__ import annotations

from practicum.bus.events.base import Data


class ApprovalRequested(Data, type="approval.requested"):
    """A named action waits for a person's word."""

    approval: str
    agent: str
    service: str
    action: str
    resource: str = ""


class ApprovalDecided(Data, type="approval.decided"):
    """A person decided."""

    approval: str
    approved: bool
    by: str
    comment: str = ""
