"""`agent.*`: an agent joins, wakes, idles, fails."""

from __future__ import annotations

from practicum.bus.events.base import Data


class AgentJoined(Data, type="agent.joined"):
    """An agent's process is up and listens."""

    role: str
    model: str
    tools: tuple[str, ...]


class AgentWoke(Data, type="agent.woke"):
    """A turn begins with exactly these events, in this order; a replay hands it the same ones."""

    turn: int
    events: tuple[str, ...]
    """Ids of the events handed over."""


class AgentIdled(Data, type="agent.idled"):
    """A turn ended without asking for more."""

    turn: int
    consumed: int
    """The sequence of the last event in its mailbox that it has taken."""
    waiting_for: str = ""
    """What a script awaits, in words; empty for a model."""
    done: bool = False
    """True when a script has come to its end."""


class AgentFailed(Data, type="agent.failed"):
    """An agent cannot go on."""

    turn: int
    error: str
    kind: str
    """`model`, `script`, `process`, `limit` or `internal`."""
