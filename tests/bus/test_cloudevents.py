from __future__ import annotations

import json
import re

import pytest

from practicum.bus.cloudevents import from_cloudevent, to_cloudevent
from practicum.bus.event import Event, MalformedEventError, make_event
from practicum.bus.events import MessagePosted, ToolCalled

CALLED = make_event(
    ToolCalled(turn=1, call="c1", tool="git_clone", args={"repo": "acme/x", "deep": [1, None]}, effect="read"),
    run="01RUN",
    source="dev-1",
    cause="0192-cause",
    provenance="recorded",
)
POSTED = make_event(MessagePosted(text="grüezi", to="all.all"), run="01RUN", source="pm")


@pytest.mark.parametrize("event", [CALLED, POSTED])
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert from_cloudevent(json.loads(json.dumps(to_cloudevent(event)))) == event


def test_it_is_a_cloudevent_of_version_1() -> None:
    """The required attributes, and names and values as section 3 of the specification wants them."""
    cloud = to_cloudevent(CALLED)
    assert cloud["specversion"] == "1.0"
    for name in ("id", "source", "type"):
        assert cloud[name]
    assert cloud["source"] == "/runs/01RUN/dev-1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", str(cloud["time"]))
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in cloud)
    assert all(value is not None for value in cloud.values())
    assert cloud["practicumcause"] == "0192-cause"
    assert "practicumcause" not in to_cloudevent(POSTED)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"specversion": "0.3"}, "0.3"),
        ({"type": "com.example.thing"}, "not an event type of Practicum"),
        ({"type": "dev.practicum.no.such"}, "unknown event type"),
        ({"source": "/runs/01RUN/proctor"}, "does not agree"),
        ({"traceparent": "00-1-2-03"}, "traceparent"),
        ({"data": {"nonsense": 1}}, "not an event"),
    ],
)
def test_what_is_not_ours_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(MalformedEventError, match=why):
        from_cloudevent({**to_cloudevent(CALLED), **change})
