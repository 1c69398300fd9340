"""How a language model reads the events that woke its agent.

One JSON object a line. What somebody wrote stands inside a JSON string, so nobody can write a line that looks like an
event of somebody else.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json, to_json

from practicum.bus.event import Event, make_event
from practicum.bus.events import (
    DATA_TYPES,
    ApprovalDecided,
    InputGiven,
    Json,
    MessagePosted,
    TimerFired,
    WorldChanged,
)
from practicum.errors import UsageError


def render_event(event: Event) -> str:
    """One event as one line of JSON: what happened, who did it, the facts."""
    body = event.body
    line: dict[str, Json]
    match body:
        case InputGiven():
            line = {"event": "task", "text": body.text}
        case MessagePosted():
            line = {"event": "message", "id": event.id, "from": event.source, "to": body.to, "text": body.text}
            if body.reply_to:
                line["reply_to"] = body.reply_to
        case TimerFired():
            line = {"event": "timer", "timer": body.timer, "note": body.note}
        case ApprovalDecided():
            line = {"event": "approval", "approval": body.approval, "approved": body.approved, "by": body.by}
        case WorldChanged():
            facts: dict[str, Json] = {key: value for key, value in body.facts.items() if value is not None}
            line = {"event": body.change, "by": body.actor, "resource": body.resource, "facts": facts}
        case _:
            line = {"event": event.type, "from": event.source, "data": event.data.model_dump(mode="json")}
    return to_json(line).decode()


def read_rendered(line: str, *, run: str, agent: str) -> Event:
    """The event that `render_event` wrote, as far as it was written: for tests that stand in for a model.

    Raises:
        UsageError: the line is not one of `render_event`.
    """
    try:
        value: dict[str, Any] = from_json(line)
        kind = str(value["event"])
        match kind:
            case "task":
                return make_event(InputGiven(step=0, to=agent, text=value["text"]), run=run, source="launcher")
            case "message":
                said = MessagePosted(text=value["text"], to=value["to"], reply_to=value.get("reply_to", ""))
                return make_event(said, run=run, source=value["from"], id=value["id"])
            case "timer":
                fired = TimerFired(timer=value["timer"], owner=agent, note=value["note"])
                return make_event(fired, run=run, source="launcher")
            case _ if "facts" in value:
                service = kind.partition(".")[0]
                changed = WorldChanged(
                    service=service, change=kind, actor=value["by"], resource=value["resource"], facts=value["facts"]
                )
                return make_event(changed, run=run, source=f"world-{service}")
            case _:
                data = DATA_TYPES[kind].model_validate(value["data"])
                return make_event(data, run=run, source=value["from"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"not a rendered event: {line[:200]}") from error
