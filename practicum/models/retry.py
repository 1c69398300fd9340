"""Patience with a vendor: waiting out rate limits, overload and broken streams, within one deadline.

The SDKs retry too, but each in its own way: they know nothing of a stream that breaks after it began, and a
`Retry-After` that they find too long is either ignored or given up on. So their own retries are switched off and this
is the only place that waits.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from practicum.errors import ModelError
from practicum.ids import LEASE_TOKEN

T = TypeVar("T")

RETRIED_STATUS = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
"""What both vendors document as worth another try; 529 is Anthropic's `overloaded_error`."""

WAITED_STATUS = frozenset({429, 503, 529})
"""Busy, not broken: tried again until the deadline, however often."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one answer may take, and how often it is asked for."""

    deadline_s: float = 600.0
    """From the first attempt to the last byte of the answer, all waiting included."""
    attempts: int = 6
    """How many attempts may fail for reasons other than a busy vendor."""
    first_wait_s: float = 0.5
    """Doubles with each failure; up to a quarter is taken off at random so that agents do not come back in step."""
    longest_wait_s: float = 20.0
    """Without a `Retry-After`."""


@dataclass(eq=False)
class Trouble(Exception):
    """Why one attempt failed, in terms that no longer depend on the vendor."""

    message: str
    retry: bool = False
    busy: bool = False
    """Whether the vendor only asked to come back later."""
    after_s: float | None = None
    """What `Retry-After` asked for."""
    hint: str = ""


async def answered(attempt: Callable[[], Awaitable[T]], *, who: str, patience: Patience, secret: str = "") -> T:
    """Call `attempt` until it answers.

    `attempt` raises `Trouble`; anything else goes through. `who` begins the message of the error; `secret` is taken out
    of it.

    Raises:
        ModelError: patience ended, or the trouble was not one that another try mends.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + patience.deadline_s
    failures = tries = 0
    before = ""
    while True:
        tries += 1
        try:
            async with asyncio.timeout_at(until):
                return await attempt()
        except TimeoutError:
            trouble = Trouble(f"no answer within {patience.deadline_s:g} s{before}")
        except Trouble as caught:
            # Only the words are kept: what it came from holds the request, and that the key.
            trouble = Trouble(caught.message, caught.retry, caught.busy, caught.after_s, caught.hint)
        failures += not trouble.busy
        if not trouble.retry or failures >= patience.attempts:
            raise _give_up(trouble, who, tries, secret)
        wait = _wait(trouble, tries, patience)
        if clock() + wait >= until:
            raise _give_up(
                trouble, who, tries, secret, f"; the next attempt is due in {wait:.1f} s, after our deadline"
            )
        before = f"; before that: {trouble.message}"
        await asyncio.sleep(wait)


def _wait(trouble: Trouble, tries: int, patience: Patience) -> float:
    backoff = min(patience.first_wait_s * 2.0 ** min(tries - 1, 30), patience.longest_wait_s)
    jittered = backoff * (1 - random.random() / 4)
    return jittered if trouble.after_s is None else trouble.after_s


def _give_up(trouble: Trouble, who: str, tries: int, secret: str, more: str = "") -> ModelError:
    times = f" (after {tries} attempts)" if tries > 1 else ""
    return ModelError(f"{who}: {scrub(trouble.message, secret)}{times}{more}", hint=scrub(trouble.hint, secret))


def scrub(text: str, secret: str) -> str:
    """`text` without the key that was used and without anything that looks like a lease."""
    if secret:
        text = text.replace(secret, "[key]")
    return LEASE_TOKEN.sub(b"[lease]", text.encode(errors="replace")).decode()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from `retry-after-ms` (both vendors) or `Retry-After` (RFC 9110, section 10.2.3); None if unsaid.

    `headers` must find names in lower case, as httpx's do.
    """
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        moment = email.utils.parsedate_tz(value)
        if moment is None:
            return None
        seconds = email.utils.mktime_tz(moment) - time.time()
    return max(0.0, seconds) if seconds < float("inf") else None


def status_trouble(status: int, message: str, headers: Mapping[str, str], hint: str = "") -> Trouble:
    """The trouble that an HTTP status means."""
    retry = status in RETRIED_STATUS
    if headers.get("x-should-retry") == "false":
        retry = False
    rule = headers.get("x-practicum-rule", "")
    if rule:
        # The proctor refused, not the vendor: asking again changes nothing unless it named a time.
        hint = f"refused by the charter: {rule}"
        retry = retry and "retry-after" in headers
    return Trouble(
        message=f"{status} {message}".strip(),
        retry=retry,
        busy=retry and status in WAITED_STATUS,
        after_s=retry_after(headers),
        hint=hint,
    )
