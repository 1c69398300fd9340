"""Agents of a run as a command line names them."""

from __future__ import annotations

from practicum.errors import UsageError
from practicum.runtime.places import RunCard


def check_agent(card: RunCard, agent: str) -> None:
    """See that a run has such an agent; an empty name is none and means all.

    Raises:
        UsageError: it has none of that name.
    """
    if agent and agent not in card.models:
        there = f"agents: {', '.join(card.models)}" if card.models else "it was code alone; leave --agent out"
        raise UsageError(f"{card.run} has no agent {agent!r}", hint=there)
