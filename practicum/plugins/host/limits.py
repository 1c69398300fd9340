"""How much a hosted plugin may use, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

from practicum.api.sandbox import MIB, Limits

SANDBOX = Limits(
    wall_s=86_400, cpu_s=86_400, memory_bytes=512 * MIB, processes=64, file_bytes=64 * MIB, tmp_bytes=64 * MIB
)


@dataclass(frozen=True, slots=True)
class HostLimits:
    """Seconds, and the sandbox's limits."""

    load_s: float = 20.0
    """Until the code is loaded and the services are started."""
    call_s: float = 30.0
    """For a call that names no time of its own."""
    health_s: float = 5.0
    stop_s: float = 6.0
    calls: int = 64
    """At once; more wait."""
    sandbox: Limits = SANDBOX


@dataclass(frozen=True, slots=True)
class Care:
    """How a fleet looks after its plugins; seconds."""

    health_every: float = 10.0
    patience: int = 3
    """Health checks in a row that may fail before the version is taken back."""
    restarts: int = 3
    """Times that a version is started again after its process ended, within `window`."""
    window: float = 60.0
    drain_s: float = 60.0
    """How long the calls of a version that was replaced may still take."""
