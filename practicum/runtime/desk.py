"""What agents ask of the launcher: to execute something in a sandbox, to be woken later."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from practicum.api.charter import ShellCan
from practicum.api.sandbox import MIB, WORKSPACE, ExecResult, Limits, Mount, SandboxProvider, SandboxSpec
from practicum.bus.events import Data, TimerFired, TimerSet
from practicum.errors import PracticumError, UsageError
from practicum.scenarios.environments import Workspace

Publish = Callable[[Data, str | None], Awaitable[str]]

_SIZE = re.compile(r"^(\d+)\s*([KMG])i?B?$", re.IGNORECASE)
_MOST_TIMERS = 100


@dataclass(frozen=True)
class Place:
    """An agent's folder and what it may execute there."""

    workspace: Path
    shell: ShellCan | None
    uid: int | None
    outside: Workspace | None = None
    """The environment that stands in for a sandbox of ours: a container, a service."""


def size_bytes(text: str) -> int:
    """`512M` as bytes.

    Raises:
        UsageError: it is not a size.
    """
    match = _SIZE.match(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a size", hint="write such as 512M")
    return int(match[1]) * {"K": 1024, "M": MIB, "G": 1024 * MIB}[match[2].upper()]


def time_seconds(text: str) -> float:
    """`60s`, `2m` as seconds.

    Raises:
        UsageError: it is not a time.
    """
    match = re.match(r"^(\d+(?:\.\d+)?)\s*(s|m|h)$", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a time", hint="write such as 60s")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def _told(done: ExecResult) -> dict[str, Any]:
    return {
        "exit_code": done.exit_code,
        "stdout": done.stdout,
        "stderr": done.stderr,
        "seconds": round(done.seconds, 3),
        "timed_out": done.timed_out,
        "out_of_memory": done.out_of_memory,
        "truncated": done.truncated,
    }


class Desk:
    """Answers `ask launcher ...`. The asker's name comes from the subject, which the broker has checked."""

    def __init__(
        self, places: dict[str, Place], sandboxes: SandboxProvider, publish: Publish, group: asyncio.TaskGroup
    ) -> None:
        self._places = places
        self._sandboxes = sandboxes
        self._publish = publish
        self._group = group
        self._timers = 0
        self._running: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(4)

    async def exec(self, source: str, body: bytes) -> bytes:
        """`{"argv", "cwd", "timeout"}` -> what came of it, or `{"error"}`."""
        try:
            return to_json(await self._exec(source, from_json(body)))
        except (PracticumError, ValueError, KeyError, TypeError) as error:
            return to_json({"error": str(error)})

    async def _exec(self, source: str, request: dict[str, Any]) -> dict[str, Any]:
        place = self._places.get(source)
        if place is None or place.shell is None:
            return {"error": f"the charter does not let {source} execute commands"}
        wall = min(float(request["timeout"]), time_seconds(place.shell.time))
        limits = Limits(wall_s=wall, cpu_s=max(1, round(wall)), memory_bytes=size_bytes(place.shell.memory))
        spec = SandboxSpec(mounts=(Mount(place.workspace, WORKSPACE, writable=True),), limits=limits, uid=place.uid)
        folder = (Path(WORKSPACE) / str(request["cwd"])).as_posix()
        if place.outside is not None:
            command = f"cd {shlex.quote(str(request['cwd']) or '.')} && {shlex.join(str(w) for w in request['argv'])}"
            async with self._slots:
                return _told(await place.outside.run(command, wall))
        async with self._slots:
            sandbox = await self._sandboxes.open(spec)
            try:
                done = await sandbox.run([str(word) for word in request["argv"]], cwd=folder)
            finally:
                await sandbox.close()
        return _told(done)

    async def timer(self, source: str, body: bytes) -> bytes:
        """`{"seconds", "note", "cause"}` -> `{"timer", "seconds"}`; later a `timer.fired` to the asker."""
        request = from_json(body)
        seconds = float(request["seconds"])
        if source not in self._places or not 0 < seconds <= 86_400:
            return to_json({"error": "a timer needs between 0 and 86400 seconds"})
        if len(self._running) >= _MOST_TIMERS:
            return to_json({"error": f"there are {_MOST_TIMERS} timers already"})
        self._timers += 1
        name, note = f"timer-{self._timers}", str(request.get("note", ""))
        due = datetime.now(UTC) + timedelta(seconds=seconds)
        set_id = await self._publish(
            TimerSet(timer=name, owner=source, due=due, note=note), request.get("cause") or None
        )
        task = self._group.create_task(self._fire(name, source, note, seconds, set_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return to_json({"timer": name, "seconds": seconds})

    async def _fire(self, name: str, owner: str, note: str, seconds: float, cause: str) -> None:
        await asyncio.sleep(seconds)
        await self._publish(TimerFired(timer=name, owner=owner, note=note), cause)

    async def close(self) -> None:
        """Cancel the timers that have not fired."""
        for task in list(self._running):
            task.cancel()
