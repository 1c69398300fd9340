"""The book of leases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from practicum.errors import LeaseError
from practicum.proctor.access import Grant
from practicum.proctor.lease import Lease, LeaseBook


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


def granted(book: LeaseBook, *, max_calls: int | None = None, budget_usd: float | None = None) -> tuple[str, Lease]:
    return book.grant(
        run="r1", agent="dev-1", service="github", credential="github@dev-1", identity="dev-1", grant=Grant("github"),
        ttl=timedelta(seconds=60), max_calls=max_calls, budget_usd=budget_usd,
    )  # fmt: skip


def test_a_token_is_good_until_it_expires_and_is_kept_nowhere() -> None:
    clock = Hands()
    book = LeaseBook(clock)
    token, lease = granted(book)
    assert book.check(token, "github") is lease
    assert token not in repr(vars(book)) + repr(lease)
    clock.seconds = 59.9
    book.renew(lease)
    clock.seconds = 119.8
    assert book.check(token, "github") is lease
    clock.seconds = 119.9
    with pytest.raises(LeaseError, match="expired"):
        book.check(token, "github")
    with pytest.raises(LeaseError, match="cannot be renewed"):
        book.renew(lease)


def test_a_token_is_for_one_service_and_unknown_ones_are_for_none() -> None:
    book = LeaseBook(Hands())
    token, _ = granted(book)
    with pytest.raises(LeaseError, match="not for slack"):
        book.check(token, "slack")
    with pytest.raises(LeaseError, match="unknown"):
        book.check(token[:-1] + ("A" if token[-1] != "A" else "B"), "github")


def test_revoking_tells_watchers_once_and_is_final() -> None:
    book = LeaseBook(Hands())
    token, lease = granted(book)
    told: list[str] = []
    lease.watchers.add(lambda: told.append(lease.revoked))
    assert book.revoke(lease, "by hand")
    assert not book.revoke(lease, "again")
    assert told == ["by hand"]
    with pytest.raises(LeaseError, match="revoked: by hand"):
        book.check(token, "github")
    with pytest.raises(LeaseError):
        book.renew(lease)


def test_sweeping_finds_each_expired_lease_once_and_no_revoked_one() -> None:
    clock = Hands()
    book = LeaseBook(clock)
    _, first = granted(book)
    _, second = granted(book)
    book.revoke(second, "by hand")
    assert book.next_expiry() == first.expires
    assert book.sweep() == []
    clock.seconds = 60
    assert book.sweep() == [first]
    assert book.sweep() == []
    assert book.next_expiry() is None


def test_asking_again_is_no_way_round_the_limits() -> None:
    book = LeaseBook(Hands())
    _, first = granted(book, max_calls=10, budget_usd=1.0)
    first.calls, first.cost_usd = 4, 0.75
    _, second = granted(book, max_calls=10, budget_usd=1.0)
    assert (second.max_calls, second.budget_usd) == (6, 0.25)
    second.calls, second.cost_usd = 6, 0.5
    _, third = granted(book, max_calls=10, budget_usd=1.0)
    assert (third.max_calls, third.budget_usd) == (0, 0.0)
