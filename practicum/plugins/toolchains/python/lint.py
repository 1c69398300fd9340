"""ruff: formatting, lint, and its rules about security. Inside the sandbox, by our settings; never by the plugin's."""

from __future__ import annotations

import json
from typing import Any

from practicum.api.sandbox import Mount
from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import SOURCE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.pipeline.tools import program

_LINT = ("E4", "E7", "E9", "F", "B", "ASYNC", "RUF006", "PLE")
_OWN = ["--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311"]


async def lint(rooms: Rooms, snapshot: Snapshot) -> CheckResult:
    """The lint rules that find mistakes; style is formatting's business."""
    clock = Clock()
    found = await ruff(rooms, snapshot, _LINT)
    return clock.result("ruff", counted(len(found), "finding"), found, facts={"rules": list(_LINT)})


async def ruff(rooms: Rooms, snapshot: Snapshot, rules: tuple[str, ...], *options: str) -> list[Problem]:
    """What ruff finds by these rules, whatever the files say about being let off (`noqa`).

    Raises:
        InfrastructureError: ruff itself failed.
    """
    argv = [program("ruff"), "check", *_OWN, "--ignore-noqa", "--output-format", "json", "--select", ",".join(rules)]
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
