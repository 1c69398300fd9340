"""What the launcher sets up on the server: the run's stream and the agents' mailboxes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nats import errors
from nats.aio.msg import Msg
from pydantic_core import from_json

from practicum.bus.nats.link import Link
from practicum.errors import BusError

if TYPE_CHECKING:
    from practicum.bus.nats.bus import NatsBus

API_TIMEOUT_S = 10.0
ACK_WAIT_S = 30
DUPLICATE_WINDOW_S = 600
"""How long the server remembers event ids. Longer than any pause after which a post is sent again."""
ORDERED_INACTIVE_S = 60
_NANOSECONDS = 1_000_000_000

Json = dict[str, object]


def stream_name(run: str) -> str:
    """The stream that stores a run's events."""
    return f"practicum-{run}"


def mailbox_name(agent: str) -> str:
    """The durable consumer that an agent reads."""
    return f"mailbox-{agent}"


async def create_stream(bus: NatsBus, *, max_bytes: int = -1) -> None:
    """Create the run's stream with a file store, or leave it as it is when it exists.

    Single messages cannot be deleted from it and it cannot be purged: it only grows, to `max_bytes` (-1: no limit),
    after which publishing fails rather than that history goes.

    Raises:
        BusError: the server refused, or a stream of that name has other settings.
    """
    config: Json = {
        "name": bus.stream,
        "subjects": [f"practicum.{bus.run}.from.*.to.>"],
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_bytes": max_bytes,
        "max_msgs": -1,
        "max_age": 0,
        "max_consumers": -1,
        "num_replicas": 1,
        "duplicate_window": DUPLICATE_WINDOW_S * _NANOSECONDS,
        "deny_delete": True,
        "deny_purge": True,
    }
    await call(await bus.link(), f"STREAM.CREATE.{bus.stream}", config)


async def create_mailbox(bus: NatsBus, agent: str, filters: Sequence[str], *, start: int = 1) -> str:
    """Create the durable consumer of one agent over `filters`; returns its name.

    Raises:
        BusError: the server refused, or there is a mailbox of that name with other settings.
    """
    name = mailbox_name(agent)
    await create_consumer(await bus.link(), bus.stream, name, filters, start=start)
    return name


async def create_consumer(
    link: Link,
    stream: str,
    name: str,
    filters: Sequence[str],
    *,
    start: int = 1,
    ordered: bool = False,
    maximum_pending: int = 1024,
) -> None:
    """Create a pull consumer: durable with explicit acknowledgement, or, `ordered`, a passing one with none."""
    config: Json = {
        "deliver_policy": "by_start_sequence" if start > 1 else "all",
        "ack_policy": "none" if ordered else "explicit",
        "filter_subjects": list(filters),
        "replay_policy": "instant",
    }
    if start > 1:
        config["opt_start_seq"] = start
    if ordered:
        config |= {"name": name, "mem_storage": True, "inactive_threshold": ORDERED_INACTIVE_S * _NANOSECONDS}
    else:
        config |= {
            "durable_name": name,
            "ack_wait": ACK_WAIT_S * _NANOSECONDS,
            "max_ack_pending": maximum_pending,
            "max_deliver": -1,
        }
    await call(link, f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": config})


async def call(link: Link, what: str, body: Json) -> Json:
    """One request to JetStream's API.

    Raises:
        BusError: it refused, or does not answer.
    """
    request = asyncio.ensure_future(link.request(f"$JS.API.{what}", json.dumps(body).encode(), timeout=API_TIMEOUT_S))
    waiting: set[asyncio.Future[Msg] | asyncio.Future[str]] = {request, link.lost}
    try:
        # A lost link is known long before the time limit.
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not request.done():
            raise BusError(f"the message bus was lost during {what}: {link.lost.result()}")
        answer = await request
    except errors.NoRespondersError as error:
        raise BusError("the message bus has no JetStream", hint="start nats-server with JetStream enabled") from error
    except (errors.Error, OSError) as error:
        raise BusError(f"the message bus did not answer {what}: {error}") from error
    finally:
        request.cancel()
    result = from_json(answer.data)
    if error_ := result.get("error"):
        raise BusError(f"the message bus refused {what}: {error_.get('description')}")
    return dict(result)
