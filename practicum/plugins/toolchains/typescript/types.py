"""The TypeScript compiler as a checker of types, by our settings only."""

from __future__ import annotations

import re

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import SOURCE
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.toolchains.typescript.room import NodeRooms

_LINE = re.compile(r"^(?P<file>[^()\n]+)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<message>.*)$")
_NO_PLACE = re.compile(r"^error (?P<code>TS\d+): (?P<message>.*)$")


async def check_types(rooms: NodeRooms, snapshot: Snapshot) -> CheckResult:
    """`tsc --noEmit` over the code of the snapshot, whose `tsconfig.json` is ours."""
    clock = Clock()
    words = ["typescript/bin/tsc", "--project", f"{SOURCE}/tsconfig.json", "--pretty", "false"]
    result = await rooms.run(words, Mount(snapshot.folder, SOURCE), cwd=SOURCE)
    problems = _problems(result.stdout)
    why = ending(result)
    if why or result.exit_code not in (0, 1, 2) or (result.exit_code != 0 and not problems):
        text = why or (result.stderr or result.stdout).strip()[-1500:] or f"it ended with {result.exit_code}"
        problems.append(Problem(f"tsc could not finish: {text}", code="tsc"))
    return clock.result("tsc", counted(len(problems), "error"), problems, log=result.stdout)


def _problems(text: str) -> list[Problem]:
    """Each error, with the indented lines that belong to it."""
    problems: list[Problem] = []
    for line in text.splitlines():
        if match := _LINE.match(line):
            problems.append(Problem(match["message"], match["file"], int(match["line"]), f"tsc:{match['code']}"))
        elif match := _NO_PLACE.match(line):
            problems.append(Problem(match["message"], code=f"tsc:{match['code']}"))
        elif line.startswith("  ") and problems:
            last = problems[-1]
            problems[-1] = Problem(f"{last.message}\n{line}", last.file, last.line, last.code)
    return problems
