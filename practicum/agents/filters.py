"""What scripts wait for, in words that read well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from practicum.bus.event import Event
from practicum.bus.events import InputGiven, MessagePosted, TimerFired, WorldChanged


@dataclass(frozen=True)
class Fits:
    """A condition on events that can say what it waits for; combine with `|`."""

    what: str
    test: Callable[[Event], bool]

    def __call__(self, event: Event) -> bool:
        return self.test(event)

    def __or__(self, other: Fits) -> Fits:
        return Fits(f"{self.what} or {other.what}", lambda event: self.test(event) or other.test(event))


def task_given() -> Fits:
    """The scenario's input for this agent."""
    return Fits("a task", lambda event: isinstance(event.data, InputGiven))


def message(sender: str = "", *, contains: str = "") -> Fits:
    """A message on the bus, from somebody, with some words in it."""

    def test(event: Event) -> bool:
        return (
            isinstance(event.data, MessagePosted)
            and (not sender or event.source == sender)
            and contains.lower() in event.data.text.lower()
        )

    return Fits(f"a message{f' from {sender}' if sender else ''}{f' about {contains!r}' if contains else ''}", test)


def news() -> Fits:
    """Anything that somebody did or said: for those who decide with each event what to do next."""
    return Fits("news", lambda event: isinstance(event.data, MessagePosted | WorldChanged))


def timer(timer_id: str = "") -> Fits:
    """A timer of one's own."""
    return Fits(
        "a timer", lambda event: isinstance(event.data, TimerFired) and (not timer_id or event.data.timer == timer_id)
    )


def changed(change: str, **facts: Any) -> Fits:
    """A change in the world, such as `changed("github.pull_request.merged", number=3)`.

    Each keyword must equal the fact of that name, or fit it when it is callable; `actor` and `resource` count as facts.
    """

    def test(event: Event) -> bool:
        if not isinstance(event.data, WorldChanged) or event.data.change != change:
            return False
        known = {**event.data.facts, "actor": event.data.actor, "resource": event.data.resource}
        return all(
            wanted(known.get(name)) if callable(wanted) else known.get(name) == wanted for name, wanted in facts.items()
        )

    said = ", ".join(f"{name}={'...' if callable(value) else value}" for name, value in facts.items())
    return Fits(f"{change}({said})", test)


def issue_assigned(to: str) -> Fits:
    """An issue was given to somebody."""
    return changed("github.issue.assigned", assignee=to)


def facts(event: Event) -> dict[str, Any]:
    """The facts of a change, with `actor`, `resource` and `change`.

    Raises:
        TypeError: the event is not a change in the world.
    """
    if not isinstance(event.data, WorldChanged):
        raise TypeError(f"{event.type} is not world.changed")
    return {**event.data.facts, "actor": event.data.actor, "resource": event.data.resource, "change": event.data.change}
