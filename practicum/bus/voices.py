"""Who may say what. The broker vouches for who speaks; this says which events are his to tell.

An agent's process may publish anything under its own name. That it woke, asked its model, called a tool or wrote a
message is its own to tell. That the world changed, a check passed or a lease was granted is not: such an event from an
agent is no event, for every reader.
"""

from __future__ import annotations

SYSTEM = frozenset({"launcher", "observer", "proctor", "judge"})
"""Parts of Practicum that write on the bus, besides the services of the world (`world-...`)."""

AGENTS_MAY = frozenset({"message.posted", "outcome.declared", "limit.reached"})
"""Besides the families `agent.*`, `model.*` and `tool.*`."""

_FAMILIES = ("agent.", "model.", "tool.")


def is_reserved(source: str) -> bool:
    """Whether a name belongs to a part of Practicum, so that no agent may have it."""
    return source in SYSTEM or source.startswith("world-")


def may_say(source: str, type_: str) -> bool:
    """Whether an event of a type is its source's to tell."""
    return is_reserved(source) or type_ in AGENTS_MAY or type_.startswith(_FAMILIES)
