"""ruff, inside the sandbox and by our settings only: neither the plugin's nor its `noqa` count."""

from __future__ import annotations

import json
from typing import Any

from practicum.api.sandbox import Mount
from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import Problem
from practicum.plugins.pipeline.room import SOURCE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.pipeline.tools import program

OPTIONS = ("--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311")


async def ruff(rooms: Rooms, snapshot: Snapshot, rules: tuple[str, ...], *options: str) -> list[Problem]:
    """What ruff finds by these rules, whatever the files say about being let off (`noqa`).

    Raises:
        InfrastructureError: ruff itself failed.
    """
    argv = [program("ruff"), "check", *OPTIONS, "--ignore-noqa", "--output-format", "json", "--select", ",".join(rules)]
    result = await rooms.run([*argv, *options, SOURCE], Mount(snapshot.folder, SOURCE), cwd=SOURCE)
    why = ending(result)
    if why:
        return [Problem(f"ruff cannot look at this: {why}", code="ruff")]
    if result.exit_code not in (0, 1):
        raise InfrastructureError(f"ruff failed: {result.stderr.strip()[-500:]}")
    return [_problem(item) for item in json.loads(result.stdout or "[]")]


def _problem(item: dict[str, Any]) -> Problem:
    code = item.get("code") or "syntax"
    file = str(item["filename"]).removeprefix(f"{SOURCE}/")
    return Problem(str(item["message"]), file, int(item["location"]["row"]), f"ruff:{code}")
