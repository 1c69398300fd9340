"""hexora: finds code that hides what it does, and data on its way out. Inside the sandbox; it only reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from practicum.api.sandbox import Mount
from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import Problem
from practicum.plugins.pipeline.room import SOURCE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot

_PROGRAM = Path(__file__).parent / "program" / "hexora_command.py"

_SURE = ("high", "very_high")


async def audit(rooms: Rooms, snapshot: Snapshot) -> list[Problem]:
    """What it finds: errors where it is sure, else warnings.

    Raises:
        InfrastructureError: hexora itself failed.
    """
    argv = [sys.executable, str(_PROGRAM), "audit", SOURCE, "--output-format", "json", "--min-confidence", "medium"]
    result = await rooms.run(argv, Mount(snapshot.folder, SOURCE))
    why = ending(result)
    if why:
        return [Problem(f"hexora cannot look at this: {why}", code="hexora")]
    if result.exit_code not in (0, 1):
        raise InfrastructureError(f"hexora failed: {result.stderr.strip()[-500:]}")
    problems = []
    for line in result.stdout.splitlines():
        if not line.startswith("{"):
            continue
        item = json.loads(line)
        file = str(item["path"]).removeprefix(f"{SOURCE}/")
        where = _line(snapshot, file, int(item["location_start"]))
        severity = "error" if item["confidence"] in _SURE else "warning"
        problems.append(Problem(str(item["description"]), file, where, f"hexora:{item['rule']}", severity))  # type: ignore[arg-type]
    return problems


def _line(snapshot: Snapshot, file: str, offset: int) -> int:
    """The line of a byte, from 1."""
    if file not in snapshot.files:
        return 0
    return (snapshot.folder / file).read_bytes()[:offset].count(b"\n") + 1
