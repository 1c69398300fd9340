"""How every reader decodes what it was handed: the body must agree with the subject."""

from __future__ import annotations

from practicum.bus.address import parse_subject
from practicum.bus.event import Event, MalformedEventError
from practicum.bus.voices import may_say


def read_event(subject: str, raw: bytes) -> Event:
    """Decode `raw`, which travelled on `subject`.

    The broker vouches for the subject (each identity may publish only as itself), not for the body; so a body that
    claims another source, run or type than its subject is refused here.

    Raises:
        MalformedEventError: not an event, or one that contradicts its subject.
    """
    event = Event.from_json(raw)
    check_agreement(subject, event)
    return event


def check_agreement(subject: str, event: Event) -> None:
    """Hold an event's envelope to its subject.

    Raises:
        MalformedEventError: `run`, `source` or `type` differ, or the type is not this source's to say.
    """
    parsed = parse_subject(subject)
    if parsed is None:
        raise MalformedEventError(f"{subject} is not the subject of an event")
    for field, told, carried in (
        ("source", event.source, parsed.source),
        ("run", event.run, parsed.run),
        ("type", event.type, parsed.type),
    ):
        if told != carried:
            raise MalformedEventError(f"event {event.id} claims {field} {told!r} but travelled on {subject}")
    if not may_say(event.source, event.type):
        raise MalformedEventError(f"event {event.id}: {event.type} is not for {event.source} to say")
