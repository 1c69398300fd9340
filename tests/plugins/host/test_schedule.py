"""Schedules: words and cron."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from practicum.errors import UsageError
from practicum.plugins.host.schedule import read_schedule


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("every 30s", "2026-03-06T12:00:30"),
        ("every  2 h", "2026-03-06T14:00:00"),
        ("every 1d", "2026-03-07T12:00:00"),
        ("*/15 * * * *", "2026-03-06T12:15:00"),
        ("0 8 * * 1-5", "2026-03-09T08:00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00:00"),
    ],
)
def test_the_next_time(text: str, due: str) -> None:
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert read_schedule(text)(friday).isoformat() == f"{due}+00:00"


@pytest.mark.parametrize(
    "text", ["", "every 0s", "every 9999d", "every x", "* * * *", "61 * * * *", "0 0 31 2 *", "1 2"]
)
def test_what_is_no_schedule(text: str) -> None:
    with pytest.raises(UsageError, match="is not a schedule"):
        read_schedule(text)
