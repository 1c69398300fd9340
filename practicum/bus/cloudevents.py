"""An event as a CloudEvent 1.0 in its JSON format, and back.

Formats: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md and formats/json-format.md. What the
specification has no attribute for goes into extension attributes, whose names may hold lower-case letters and digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from practicum.bus.event import Event, MalformedEventError

SPEC_VERSION = "1.0"
TYPE_PREFIX = "dev.practicum."
"""CloudEvents asks for a reverse-DNS prefix of whoever defines the type."""
CONTENT_TYPE = "application/cloudevents+json"

CloudEvent = dict[str, object]

_KNOWN = frozenset(
    {
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "subject",
        "datacontenttype",
        "data",
        "practicumrun",
        "practicumcause",
        "practicumprovenance",
    }
)


def to_cloudevent(event: Event) -> CloudEvent:
    """The CloudEvent of `event`: `source` is a URI-reference `/runs/{run}/{source}`, `subject` the source's name.

    `practicumcause` is absent when the event has no cause: the specification knows no null.
    """
    told = json.loads(event.to_json())
    cloud: CloudEvent = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": f"/runs/{event.run}/{event.source}",
        "type": f"{TYPE_PREFIX}{event.type}",
        "time": told["time"],
        "subject": event.source,
        "datacontenttype": "application/json",
        "practicumrun": event.run,
        "practicumprovenance": event.provenance,
        "data": told["data"],
    }
    if event.cause is not None:
        cloud["practicumcause"] = event.cause
    return cloud


def from_cloudevent(cloud: Mapping[str, object]) -> Event:
    """The event that `to_cloudevent` was given.

    Raises:
        MalformedEventError: another specification version, an attribute that an event has no place for, a type that
            is not ours, or data that does not fit its type.
    """
    if cloud.get("specversion") != SPEC_VERSION:
        raise MalformedEventError(f"CloudEvents {cloud.get('specversion')!r} is not {SPEC_VERSION}")
    if unknown := sorted(set(cloud) - _KNOWN):
        raise MalformedEventError(f"a Practicum event has no place for {', '.join(unknown)}")
    type_, source, run = (str(cloud.get(name, "")) for name in ("type", "subject", "practicumrun"))
    if not type_.startswith(TYPE_PREFIX):
        raise MalformedEventError(f"{type_!r} is not an event type of Practicum")
    if cloud.get("source") != f"/runs/{run}/{source}":
        raise MalformedEventError(f"source {cloud.get('source')!r} does not agree with run {run!r} and {source!r}")
    return Event.from_json(
        json.dumps(
            {
                "id": cloud.get("id"),
                "run": run,
                "type": type_.removeprefix(TYPE_PREFIX),
                "source": source,
                "time": cloud.get("time"),
                "cause": cloud.get("practicumcause"),
                "provenance": cloud.get("practicumprovenance"),
                "data": cloud.get("data"),
            }
        )
    )
