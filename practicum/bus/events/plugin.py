"""`plugin.*`: plugins being made, installed, swapped and taken back."""

from __future__ import annotations

from practicum.bus.events.base import Data, Json


class PluginRequested(Data, type="plugin.requested"):
    """Somebody wants a plugin."""

    job: str
    name: str
    version: str
    by: str
    """An agent, or `operator`."""


class PluginAdvanced(Data, type="plugin.advanced"):
    """A job came into another state."""

    job: str
    name: str
    state: str
    """As `practicum.plugins.jobs.state.State`."""
    iteration: int = 0
    reason: str = ""
    facts: dict[str, Json] = {}
    """Of a phase that ended: tests counted, coverage, checks by status."""


class PluginInstalled(Data, type="plugin.installed"):
    """A version serves calls."""

    name: str
    version: str
    host: str
    """`trusted`, `isolated` or `lent`."""
    actions: tuple[str, ...] = ()
    replaces: str = ""
    """The version before, which takes no new calls."""


class PluginReverted(Data, type="plugin.reverted"):
    """A version failed to load, or its health check: the one before goes on."""

    name: str
    version: str
    to: str
    """The version that serves; empty when there was none."""
    reason: str


class PluginRemoved(Data, type="plugin.removed"):
    """A plugin serves no calls any more."""

    name: str
    version: str
    reason: str = ""


class PluginRestarted(Data, type="plugin.restarted"):
    """A version's process ended, or it fell ill with nothing to go back to: it was started again, and serves."""

    name: str
    version: str
    reason: str
