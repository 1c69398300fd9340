"""Which events wake an agent: its role's subscriptions, and what is always meant for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from practicum.bus.event import Event
from practicum.bus.events import WorldChanged
from practicum.errors import UsageError

ALWAYS = frozenset({"input.given", "timer.fired", "approval.decided"})
"""Addressed to one agent and meant for it; no role has to subscribe."""

LATER = frozenset({"github.check.completed", "deploy.app.crashed"})
"""Changes in an agent's name that nobody answered it yet: its push was checked, its deployment fell over."""


@dataclass(frozen=True)
class Wakes:
    """Decides for an agent's mailbox which deliveries it is woken for. The launcher asks the same for quiescence."""

    agent: str
    types: frozenset[str]
    changes: tuple[str, ...]
    """`github.issue.assigned`, or a prefix such as `github.*`."""

    @classmethod
    def parse(cls, agent: str, subscriptions: Iterable[str]) -> Wakes:
        """Read a role's `wakes_on`.

        Raises:
            UsageError: an entry is neither an event type nor `world.changed:CHANGE`.
        """
        types: set[str] = set()
        changes: list[str] = []
        for entry in subscriptions:
            kind, _, change = entry.partition(":")
            if kind == "world.changed":
                changes.append(change or "*")
            elif not change and kind.count(".") == 1:
                types.add(kind)
            else:
                raise UsageError(
                    f"wakes_on: {entry!r} is not an event", hint="such as message.posted, world.changed:github.push"
                )
        return cls(agent, frozenset(types), tuple(changes))

    def __call__(self, event: Event) -> bool:
        if event.source == self.agent:
            return False
        if event.type in ALWAYS or event.type in self.types:
            return True
        if not isinstance(event.data, WorldChanged):
            return False
        if event.data.actor == self.agent and event.data.change not in LATER:
            return False  # what an agent did itself it knows from the call's result
        name = event.data.change
        return any(name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1])) for wanted in self.changes)
