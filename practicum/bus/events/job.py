"""`job.*`: work that goes on without an agent: checks, webhook deliveries, deployments."""

from __future__ import annotations

from practicum.bus.events.base import Data, Json


class JobStarted(Data, type="job.started"):
    """A job began. Until it finished, the run is not quiet."""

    job: str
    kind: str
    """`check`, `webhook`, `deployment`, `exec`."""
    name: str
    facts: dict[str, Json] = {}


class JobFinished(Data, type="job.finished"):
    """A job ended, well or not."""

    job: str
    kind: str
    name: str
    ok: bool
    seconds: float
    facts: dict[str, Json] = {}
    log: str = ""
