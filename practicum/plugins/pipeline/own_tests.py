"""The plugin's own tests, run against the installed wheel: what ran is counted from sealed reports (B10)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.checking import Clock, Tasks, counted
from practicum.plugins.pipeline.environment import Installed
from practicum.plugins.pipeline.report import Request, ending, unsound
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import PROGRAMS, PYTHON, SOURCE, TESTING_INSIDE, Rooms
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.pipeline.told_tests import ToldTests, hollow_check
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import TESTS as HELD

_SHORT = 1500
_NONE_COLLECTED = 5
"""Exit code of pytest."""


async def check_tests(
    rooms: Rooms,
    snapshot: Snapshot,
    spec: PluginSpecification,
    installed: Installed,
    *,
    least_coverage: float = 0.0,
    hollow: bool = True,
) -> tuple[CheckResult, ...]:
    """`pytest`, `coverage` and `hollow`, from two executions at once, each in a sandbox of its own.

    The second collects anew and runs against a hollow package: both must have collected the same tests, and tests that
    pass even then test nothing. Without `hollow` there is one execution and no check of that name.
    """
    clock = Clock()
    if not snapshot.named("tests", ".py"):
        return (clock.result("pytest", "no tests", [Problem("there is no test in tests/", code="pytest")]),)
    async with Tasks() as tasks:
        honest = tasks.start(_run(rooms, snapshot, spec, installed, hollow=False))
        empty = tasks.start(_run(rooms, snapshot, spec, installed, hollow=True)) if hollow else None
    ran, again = honest.result(), None if empty is None else empty.result()
    tested = _tested(clock, snapshot, ran, again)
    if tested.status != "passed":
        return (tested,)
    covered = _coverage(clock, ran, least_coverage)
    return (tested, covered) if again is None else (tested, covered, hollow_check(clock, ran, again, spec, HELD))


async def _run(
    rooms: Rooms, snapshot: Snapshot, spec: PluginSpecification, installed: Installed, *, hollow: bool
) -> ToldTests:
    request = Request(hollow=hollow, package=spec.package, libraries=TESTING_INSIDE)
    mounts = (
        *rooms.runtime(), *rooms.testing(), rooms.programs(), *installed.mounts(),
        Mount(snapshot.folder / "tests", f"{SOURCE}/tests"),
    )  # fmt: skip
    result = await rooms.run([PYTHON, "-I", f"{PROGRAMS}/run_tests.py"], *mounts, stdin=request.stdin)
    return ToldTests(request.read(result), result)


def _tested(clock: Clock, snapshot: Snapshot, honest: ToldTests, hollow: ToldTests | None) -> CheckResult:
    tests = honest.tests
    problems = [
        Problem(f"{test.name}: {test.message[-_SHORT:]}", test.name.partition("::")[0], code="pytest")
        for test in tests
        if test.outcome in ("failed", "error")
    ]
    problems += [
        Problem(f"cannot be collected: {line['message'][-_SHORT:]}", str(line["file"]), code="pytest")
        for line in honest.report.of("broken")
    ]
    problems += [Problem(text, code="pytest") for text in _integrity(honest, hollow)]
    problems += [
        Problem(f"{name}: is never run", name.partition("::")[0], code="pytest") for name in _unseen(snapshot, honest)
    ]
    problems += [Problem("was changed while the tests ran", name, code="pytest") for name in snapshot.changed()]
    passed = sum(test.outcome == "passed" for test in tests)
    if not passed and not problems:
        problems.append(Problem("no test passed: there is none, or all are skipped", code="pytest"))
    skipped = sum(test.outcome == "skipped" for test in tests)
    failed = len(tests) - passed - skipped
    summary = f"{counted(len(tests), 'test')}: {passed} passed, {failed} failed, {skipped} skipped"
    facts = {"collected": len(honest.collected), "passed": passed, "failed": failed, "skipped": skipped}
    return clock.result("pytest", summary, problems, tests=tests, facts={**facts}, log=honest.result.stderr)


def _integrity(honest: ToldTests, hollow: ToldTests | None) -> list[str]:
    """What does not fit together between the report, the exit code and the second collection."""
    found: list[str] = []
    finished = honest.report.one("finished")
    names = [test.name for test in honest.tests]
    found += unsound(honest.report, honest.result, "tests")
    if finished is None:
        started = honest.report.of("started")
        during = f" during {started[-1]['name']}" if len(started) > len(names) else ""
        why = ending(honest.result) or f"the process ended with {honest.result.exit_code}"
        found.append(f"the tests' report breaks off{during}: {why}")
        return found
    if sorted(names) != sorted(honest.collected):
        missing = sorted(set(honest.collected) - set(names))
        found.append(
            f"{len(honest.collected)} tests were collected and {len(names)} ran; missing: {', '.join(missing)[:500]}"
        )
    bad = any(test.outcome in ("failed", "error") for test in honest.tests) or bool(honest.report.of("broken"))
    code = int(finished["exit_code"])
    if code == _NONE_COLLECTED == honest.result.exit_code and not honest.collected:
        return found
    if code != honest.result.exit_code or (code == 0) == bad:
        found.append(f"the exit code {honest.result.exit_code} contradicts the report")
    again = [] if hollow is None else hollow.report.of("collected")
    if hollow is not None and again and sorted(hollow.collected) != sorted(honest.collected):
        found.append(f"two collections differ: {len(honest.collected)} tests and {len(hollow.collected)}")
    return found


def _unseen(snapshot: Snapshot, run: ToldTests) -> list[str]:
    """Test functions that stand in the files and were not collected."""
    if run.report.one("collected") is None:
        return []
    collected = {name.partition("[")[0] for name in run.collected}
    return [name for name in written_tests(snapshot) if name not in collected]


def written_tests(snapshot: Snapshot) -> list[str]:
    """The tests that the files hold, by pytest's names for them; read, not executed."""
    names: list[str] = []
    for file in snapshot.named("tests", ".py"):
        stem = file.rpartition("/")[2]
        if not (stem.startswith("test_") or stem.endswith("_test.py")):
            continue
        try:
            tree = ast.parse(snapshot.read(file))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                names.append(f"{file}::{node.name}")
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                names += [
                    f"{file}::{node.name}::{item.name}"
                    for item in node.body
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("test")
                ]
    return names


def _coverage(clock: Clock, run: ToldTests, least: float) -> CheckResult:
    finished = run.report.one("finished") or {}
    return coverage(clock, finished.get("coverage") or {}, least)


def coverage(clock: Clock, files: Mapping[str, Mapping[str, Any]], least: float) -> CheckResult:
    """The check `coverage`: of each file the number of its `statements`, and the lines that are `missing`.

    `least`: per cent of all lines that the tests must run.
    """
    lines = sum(int(file["statements"]) for file in files.values())
    missing = sum(len(file["missing"]) for file in files.values())
    if not lines:
        return clock.result(
            "coverage", "nothing measured", [Problem("the tests run no line of the plugin", code="coverage")]
        )
    percent = 100.0 * (lines - missing) / lines
    problems = []
    if percent < least:
        where = "; ".join(f"{name}: {_ranges(file['missing'])}" for name, file in files.items() if file["missing"])
        problems = [
            Problem(
                f"the tests run {percent:.0f} % of the lines, at least {least:.0f} % are wanted; not: {where}",
                code="coverage",
            )
        ]
    facts = {"percent": round(percent, 1), "lines": lines, "missing": missing}
    return clock.result("coverage", f"{percent:.0f} % of {counted(lines, 'line')}", problems, facts={**facts})


def _ranges(lines: list[int]) -> str:
    """`3-5, 9`."""
    parts: list[list[int]] = []
    for line in sorted(lines):
        if parts and line == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], line]
        else:
            parts.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
