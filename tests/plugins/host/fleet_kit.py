"""What the tests of hosts share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from practicum.bus.events.base import Data
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.host.limits import Care, HostLimits
from practicum.plugins.store import Store

SECRET = "c4n4ry/" + "s3cr3t+of-the-vault"


@dataclass
class Heard:
    """Everything that a fleet told anybody."""

    events: list[Data] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    spoken: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, data: Data) -> None:
        self.events.append(data)
        self._changed.set()

    def say(self, plugin: str, line: str) -> None:
        self.lines.append((plugin, line))
        self.spoken.set()

    def types(self) -> list[str]:
        return [event.event_type for event in self.events]

    async def until(self, kind: str, number: int = 1) -> Data:
        """Wait for the Nth event of a type."""
        async with asyncio.timeout(40):
            while len(found := [event for event in self.events if event.event_type == kind]) < number:
                self._changed.clear()
                await self._changed.wait()
        return found[number - 1]


def quick_fleet(store: Store, heard: Heard, **options: Any) -> Fleet:
    """A fleet that gives up early and looks seldom, as a busy machine answers late; its secrets are those of tests."""
    values = {"API_TOKEN": SECRET, "UNITS": "metric", "OTHER_TOKEN": "never to be seen"}
    settings: dict[str, Any] = {
        "publish": heard.publish,
        "secrets": values.get,
        "say": heard.say,
        "limits": HostLimits(call_s=15, health_s=5, stop_s=2),
        "care": Care(health_every=60, patience=2, restarts=2),
        **options,
    }
    return Fleet(store, **settings)
