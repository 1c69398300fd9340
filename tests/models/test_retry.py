from __future__ import annotations

import email.utils
import time

import pytest

from practicum.errors import ModelError
from practicum.ids import new_lease_token
from practicum.models.retry import Patience, Trouble, answered, retry_after, scrub, status_trouble

FAST = Patience(deadline_s=5, attempts=3, first_wait_s=0.001, longest_wait_s=0.002)


def test_retry_after_is_read_in_every_form() -> None:
    assert retry_after({"retry-after": "3"}) == 3
    assert retry_after({"retry-after": "0.5"}) == 0.5
    assert retry_after({"retry-after-ms": "250", "retry-after": "3"}) == 0.25
    in_a_minute = retry_after({"retry-after": email.utils.formatdate(time.time() + 60, usegmt=True)})
    assert in_a_minute == pytest.approx(60, abs=2)
    assert retry_after({"retry-after": email.utils.formatdate(time.time() - 60, usegmt=True)}) == 0
    for nothing in ({}, {"retry-after": "soon"}, {"retry-after": "nan"}, {"retry-after": "inf"}):
        assert retry_after(nothing) is None


@pytest.mark.parametrize(
    ("status", "headers", "retry"),
    [
        (400, {}, False),
        (401, {}, False),
        (404, {}, False),
        (408, {}, True),
        (429, {}, True),
        (500, {}, True),
        (529, {}, True),
        (429, {"x-should-retry": "false"}, False),
        (429, {"x-practicum-rule": "developer: can.model.calls"}, False),
        (429, {"x-practicum-rule": "developer: rate", "retry-after": "1"}, True),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(status: int, headers: dict[str, str], retry: bool) -> None:
    assert status_trouble(status, "x", headers).retry is retry


async def test_a_refusal_of_the_charter_is_named() -> None:
    async def attempt() -> str:
        raise status_trouble(403, "not granted", {"x-practicum-rule": "developer: can.model.names"})

    with pytest.raises(ModelError) as caught:
        await answered(attempt, who="anthropic/x", patience=FAST)
    assert "developer: can.model.names" in caught.value.hint


async def test_errors_that_are_not_the_vendors_go_through() -> None:
    async def attempt() -> str:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await answered(attempt, who="x", patience=FAST)


async def test_attempts_are_counted_until_one_succeeds() -> None:
    tried: list[int] = []

    async def attempt() -> str:
        tried.append(1)
        if len(tried) < 3:
            raise Trouble("broken", retry=True)
        return "fine"

    assert await answered(attempt, who="x", patience=FAST) == "fine"


async def test_a_deadline_in_the_middle_of_waiting_tells_what_came_before() -> None:
    async def attempt() -> str:
        raise Trouble("busy", retry=True, busy=True)

    with pytest.raises(ModelError, match=r"busy.*after our deadline"):
        await answered(attempt, who="x", patience=Patience(deadline_s=0.2, first_wait_s=0.01))


def test_leases_and_the_key_itself_are_scrubbed() -> None:
    token = new_lease_token()
    assert scrub(f"a {token} b k-123 \ud800", "k-123") == "a [lease] b [key] ?"
