"""mypy --strict, with one cache for all plugins and iterations, inside the sandbox, by our settings only."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from practicum.api.sandbox import MIB, Limits, Mount
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.environment import Dependencies
from practicum.plugins.pipeline.report import ending
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import PYTHON, SOURCE, VENV, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.pipeline.tools import versions

_CACHE = "/opt/plugin/mypy"
_LINE = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+): (?P<kind>error|note): (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?$"
)
_LIMITS = Limits(wall_s=60.0, cpu_s=60, memory_bytes=1536 * MIB, processes=8, file_bytes=64 * MIB, output_bytes=2 * MIB)
_OPTIONS = (
    "--strict", "--no-error-summary", "--no-color-output", "--show-error-codes", "--hide-error-context", "--no-pretty",
    "--namespace-packages", "--explicit-package-bases", "--sqlite-cache", "--config-file=",
)  # fmt: skip


async def check_types(rooms: Rooms, snapshot: Snapshot, package: str, needs: Dependencies, shared: Path) -> CheckResult:
    """Types of the package, a folder such as `src/weather_plugin`; `needs` are the plugin's dependencies, `shared` is
    where the cache is kept.
    """
    clock = Clock()
    cache = shared / f"mypy-{versions()['mypy']}"
    cache.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-I", "-m", "mypy", *_OPTIONS, "--cache-dir", _CACHE, "--python-executable", PYTHON]
    mounts = (
        *rooms.runtime(),
        Mount(needs.venv, VENV),
        needs.mount(),
        Mount(snapshot.folder, SOURCE),
        Mount(cache, _CACHE, writable=True),
    )
    async with rooms.open(*mounts, limits=_LIMITS) as sandbox:
        above, _, name = package.rpartition("/")
        result = await sandbox.run([*argv, "-p", name], cwd=f"{SOURCE}/{above}".rstrip("/"))
    problems = _problems(result.stdout, f"{above}/" if above else "")
    why = ending(result)
    if why or result.exit_code not in (0, 1) or (result.exit_code == 1 and not problems):
        text = why or (result.stderr or result.stdout).strip()[-1500:] or f"it ended with {result.exit_code}"
        problems.append(Problem(f"mypy could not finish: {text}", code="mypy"))
    errors = sum(problem.severity == "error" for problem in problems)
    return clock.result("mypy", counted(errors, "error"), problems, log=result.stdout)


def _problems(text: str, above: str) -> list[Problem]:
    problems: list[Problem] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        if match["kind"] == "note":
            if problems:
                problems.append(Problem(match["message"], above + match["file"], int(match["line"]), "mypy", "warning"))
            continue
        code = f"mypy:{match['code'] or 'error'}"
        problems.append(Problem(match["message"], above + match["file"], int(match["line"]), code))
    return problems
