"""When a task is due: `every 30s`, or five fields of cron (crontab(5); the library cronsim reads them)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from practicum.errors import UsageError

_EVERY = re.compile(r"^every\s+(\d+)\s*(s|m|h|d)$")
_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Next = Callable[[datetime], datetime]
"""From a moment (UTC) to the first one after it at which the task is due."""


def read_schedule(text: str) -> Next:
    """Read a schedule. Cron's fields are in UTC.

    Raises:
        UsageError: it is not one, or names a moment that never comes.
    """
    if (match := _EVERY.match(text.strip())) is not None:
        seconds = int(match[1]) * _UNIT[match[2]]
        if not 1 <= seconds <= 366 * 86_400:
            raise UsageError(f"{text!r} is not a schedule: between 1 s and a year")
        return lambda after: after + timedelta(seconds=seconds)

    from cronsim import CronSim, CronSimError

    if len(text.split()) != 5:
        raise UsageError(f"{text!r} is not a schedule", hint="write `every 30s`, or five fields of cron: 0 8 * * 1-5")

    def due(after: datetime) -> datetime:
        return next(CronSim(text, after))

    try:
        due(datetime.fromisoformat("2024-01-01T00:00:00+00:00"))
    except (CronSimError, StopIteration) as error:
        raise UsageError(f"{text!r} is not a schedule: {error or 'it never comes'}") from error
    return due
