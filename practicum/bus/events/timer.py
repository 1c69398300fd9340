"""`timer.*`: moments that somebody asked for."""

from __future__ import annotations

from datetime import datetime

from practicum.bus.events.base import Data


class TimerSet(Data, type="timer.set"):
    """Somebody wants to be woken. Until it fired or was cancelled, the run is not quiet."""

    timer: str
    owner: str
    due: datetime
    note: str = ""


class TimerFired(Data, type="timer.fired"):
    """The moment came; addressed to the owner."""

    timer: str
    owner: str
    note: str = ""
