"""A gateway session: numbered events for one account, kept for a while so that a lost connection can resume."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field

from practicum.bus.events import Json
from practicum.world.discord.bits import Intent
from practicum.world.discord.model import User

KEPT = 1000
"""Events that a session can replay; one that missed more must identify anew."""


@dataclass
class Session:
    """One IDENTIFY and everything since."""

    user: User
    intents: Intent
    shard: tuple[int, int]
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: deque[dict[str, Json]] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The last events, sent or not, in order."""
    outgoing: deque[dict[str, Json]] = field(default_factory=deque)
    """What the present connection still has to write."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connected: bool = False

    def dispatch(self, kind: str, data: dict[str, Json]) -> None:
        """Number an event and queue it."""
        self.sequence += 1
        payload: dict[str, Json] = {"op": 0, "t": kind, "s": self.sequence, "d": data}
        self.sent.append(payload)
        if self.connected:
            self.push(payload)

    def push(self, payload: dict[str, Json]) -> None:
        """Queue a payload for the present connection."""
        self.outgoing.append(payload)
        self.arrived.set()

    def attach(self) -> None:
        """A connection takes the session over, with an empty queue."""
        self.outgoing.clear()
        self.arrived.clear()
        self.connected = True

    def replay(self, after: int) -> bool:
        """Queue again what came after a sequence number; False when that is not kept any more or never was."""
        if after > self.sequence or self.sequence - after > len(self.sent):
            return False
        for payload in self.sent:
            number = payload["s"]
            if isinstance(number, int) and number > after:
                self.push(payload)
        return True
