"""A few numbers about a run, folded from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from practicum.bus.event import Event
from practicum.bus.events import (
    ExchangeCompleted,
    JobFinished,
    LeaseExpired,
    LeaseGranted,
    LeaseRevoked,
    MessagePosted,
    ModelAnswered,
)


@dataclass
class Status:
    """What has happened so far."""

    leases: set[str] = field(default_factory=set)
    granted: int = 0
    calls: int = 0
    refused: int = 0
    cost_usd: float = 0.0
    tokens: int = 0
    messages: int = 0
    checks_passed: int = 0
    checks_failed: int = 0

    def take(self, event: Event) -> None:
        """Fold in one event."""
        body = event.body
        match body:
            case LeaseGranted():
                self.granted += 1
                self.leases.add(body.lease)
            case LeaseRevoked() | LeaseExpired():
                self.leases.discard(body.lease)
            case ExchangeCompleted():
                self.calls += 1
                self.refused += bool(body.refused)
                self.cost_usd += body.cost_usd
            case ModelAnswered():
                self.tokens += body.usage.input_tokens + body.usage.output_tokens
            case MessagePosted():
                self.messages += 1
            case JobFinished() if body.kind == "check":
                self.checks_passed += body.ok
                self.checks_failed += not body.ok
            case _:
                pass

    def summary(self) -> str:
        """One line."""
        return (
            f"leases {len(self.leases)} open of {self.granted}   calls {self.calls}, refused {self.refused}   "
            f"messages {self.messages}   checks {self.checks_passed} passed, {self.checks_failed} failed   "
            f"tokens {self.tokens}   cost ${self.cost_usd:.2f}"
        )
