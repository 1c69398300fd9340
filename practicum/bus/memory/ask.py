"""Questions and private answers inside one process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from practicum.bus.memory.broker import Log
from practicum.bus.protocol import AskHandler
from practicum.errors import BusError, PracticumError


@dataclass(frozen=True, slots=True, eq=False)
class Answerer:
    """Who answers what: `pattern` is `{service}.{verb}`, the verb may be `*`."""

    pattern: str
    handler: AskHandler


async def ask(log: Log, source: str, service: str, verb: str, body: bytes, timeout: float) -> bytes:
    """Call the handler as `source`.

    Raises:
        BusError: nobody answers, the handler failed, or it took longer than `timeout` seconds.
    """
    answerer = log.answerer_for(service, verb)
    if answerer is None:
        raise BusError(f"nobody answers {service}.{verb}")
    try:
        async with asyncio.timeout(timeout):
            return await answerer.handler(source, body)
    except TimeoutError as error:
        raise BusError(f"{service} did not answer {verb} within {timeout:g} s") from error
    except PracticumError as error:
        raise BusError(f"{service}.{verb}: {error}") from error
    except Exception as error:  # the edge between two parties: the asker learns the kind of failure, as over a wire
        raise BusError(f"{service}.{verb}: the answer failed with {type(error).__name__}") from error
