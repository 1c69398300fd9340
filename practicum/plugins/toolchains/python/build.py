"""Building a wheel inside the sandbox."""

from __future__ import annotations

import base64
import binascii
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.report import Request, ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import PROGRAMS, SOURCE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.pipeline.wheel import examine, requires_of
from practicum.plugins.specification import PluginSpecification


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that may be installed."""

    path: Path
    digest: str
    """SHA-256 of the file."""
    requires: tuple[str, ...]
    """Its `Requires-Dist`, as they stand there."""


async def build(
    rooms: Rooms, snapshot: Snapshot, spec: PluginSpecification, target: Path, seconds: float = 30.0
) -> tuple[CheckResult, Wheel | None]:
    """Build what is in the snapshot, offline and without isolation, and put the wheel into the folder `target`."""
    clock = Clock()
    request = Request(seconds=seconds)
    result = await rooms.run(
        [sys.executable, "-I", f"{PROGRAMS}/build.py"], rooms.programs(), Mount(snapshot.folder, SOURCE),
        stdin=request.stdin, cwd="/tmp",
    )  # fmt: skip
    log = result.stdout if result.stdout and not result.stdout.isascii() else result.stderr
    built = request.read(result).of("wheel")
    if result.exit_code != 0 or len(built) != 1:
        why = ending(result) or f"the builder ended with {result.exit_code} and left {counted(len(built), 'wheel')}"
        return clock.result(
            "wheel", "not built", [Problem(f"{why}\n{result.stderr[-3000:]}", code="build")], log=log
        ), None
    name = str(built[0]["name"])
    try:
        data = base64.b64decode(str(built[0]["data"]), validate=True)
    except binascii.Error:
        data = b""
    problems = examine(name, data, spec, snapshot)
    if any(problem.severity == "error" for problem in problems):
        return clock.result("wheel", "not fit to be installed", problems, log=log), None
    path = target / name
    path.write_bytes(data)
    path.chmod(0o644)
    digest = hashlib.sha256(data).hexdigest()
    wheel = Wheel(path, digest, requires_of(data))
    summary = f"{name}, {len(data) / 1024:.1f} kB"
    return clock.result("wheel", summary, problems, facts={"sha256": digest, "bytes": len(data)}, log=log), wheel
