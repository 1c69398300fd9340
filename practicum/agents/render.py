"""How a language model reads an event that woke its agent."""

from __future__ import annotations

from pydantic_core import to_json

from practicum.bus.event import Event
from practicum.bus.events import ApprovalDecided, InputGiven, MessagePosted, TimerFired, WorldChanged


def render_event(event: Event) -> str:
    """One event as a short paragraph: what happened, who did it, the facts."""
    body = event.body
    match body:
        case InputGiven():
            return f"[task] {body.text}"
        case MessagePosted():
            return f"[message from {event.source} to {body.to}] {body.text}"
        case TimerFired():
            return f"[timer {body.timer}] {body.note}"
        case ApprovalDecided():
            word = "approved" if body.approved else "declined"
            return f"[approval {body.approval}] {word} by {body.by}. {body.comment}".rstrip()
        case WorldChanged():
            facts = {key: value for key, value in body.facts.items() if value not in ("", None, [], {})}
            return f"[{body.change}] {body.resource} by {body.actor}\n{to_json(facts).decode()}"
        case _:
            return f"[{event.type}] {to_json(event.data).decode()}"
