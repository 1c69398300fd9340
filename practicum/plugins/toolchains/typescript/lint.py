"""eslint, by our own configuration, in one execution: its lint rules, and the review's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from practicum.api.sandbox import Mount
from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import SOURCE
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.review.keys import secrets_in
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.capabilities import configuration, is_review
from practicum.plugins.toolchains.typescript.room import NodeRooms

_SETTINGS = "/opt/plugin/settings"
_FILE = "eslint.config.mjs"


async def lint(
    rooms: NodeRooms, snapshot: Snapshot, spec: PluginSpecification, scratch: Path
) -> tuple[CheckResult, CheckResult]:
    """`eslint` and `review`, whatever comments in the files say about being let off.

    Raises:
        InfrastructureError: eslint itself failed.
    """
    clock = Clock()
    settings = scratch / "settings"
    settings.mkdir(mode=0o755)
    (settings / _FILE).write_text(configuration(spec))
    (settings / _FILE).chmod(0o644)
    words = [
        "eslint/bin/eslint.js", "--config", f"{_SETTINGS}/{_FILE}", "--no-inline-config", "--format", "json",
        "--no-error-on-unmatched-pattern", "src", "tests",
    ]  # fmt: skip
    result = await rooms.run(words, Mount(snapshot.folder, SOURCE), Mount(settings, _SETTINGS), cwd=SOURCE)
    why = ending(result)
    if why:
        problem = Problem(f"eslint cannot look at this: {why}", code="eslint")
        return clock.result("eslint", "could not finish", [problem]), clock.result("review", "not done", [problem])
    if result.exit_code not in (0, 1) or result.truncated:
        raise InfrastructureError(f"eslint failed: {(result.stderr or result.stdout).strip()[-500:]}")
    found = [_problem(file, one) for file in json.loads(result.stdout) for one in file["messages"]]
    linted = [one for one in found if one.code.startswith("eslint")]
    reviewed = [one for one in found if not one.code.startswith("eslint")]
    for name in sorted(snapshot.files):
        reviewed += secrets_in(snapshot.read(name), name)
    return (
        clock.result("eslint", counted(len(linted), "finding"), linted, log=result.stderr),
        clock.result(
            "review", counted(len(reviewed), "finding"), reviewed,
            facts={"files": len(snapshot.files), "rules": "capabilities, eval, secrets"},
        ),
    )  # fmt: skip


def _problem(file: dict[str, Any], one: dict[str, Any]) -> Problem:
    rule = one.get("ruleId") or "syntax"
    code = f"review:{rule}" if is_review(rule) else f"eslint:{rule}"
    place = str(file["filePath"]).removeprefix(f"{SOURCE}/")
    return Problem(str(one["message"]), place, int(one.get("line") or 0), code)
