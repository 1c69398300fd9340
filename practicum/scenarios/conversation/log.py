"""What is kept of a conversation beside the record, for whoever writes its scenario."""

from __future__ import annotations

from practicum.ids import LEASE_TOKEN
from practicum.scenarios.schema.conversation import DebugOptions


def without_leases(text: str) -> str:
    """`text` without anything that has the form of a lease, as the record itself is kept."""
    return LEASE_TOKEN.sub(b"[lease]", text.encode(errors="replace")).decode()


class ConversationLog:
    """Collects what `debug_options` ask for; anything else is dropped."""

    def __init__(self, options: DebugOptions) -> None:
        self._simulation, self._decisions = options.log_user_simulation, options.log_turn_decisions
        self._parts: list[str] = []

    def asked(self, turn: int, simulator: str, prompt: str, answer: str) -> None:
        """The words for turn `turn` were made: by whom, from what, and what came."""
        if self._simulation:
            given = f"{prompt.rstrip()}\n\n" if prompt else ""
            self._parts.append(f"== turn {turn}: the user, by {simulator} ==\n\n{given}-> {answer}\n")

    def decided(self, turn: int, decision: str) -> None:
        """A condition was looked at after turn `turn`."""
        if self._decisions:
            self._parts.append(f"== turn {turn}: {decision}\n")

    @property
    def text(self) -> str:
        """All of it, for `artifacts/conversation-{step}.log`; empty when nothing was asked for."""
        return without_leases("\n".join(self._parts))
