"""The plugin's own tests, run by vitest: what ran is counted from sealed reports (B10)."""

from __future__ import annotations

from pydantic import JsonValue

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.checking import Clock, Tasks, counted
from practicum.plugins.pipeline.own_tests import coverage
from practicum.plugins.pipeline.report import Request, ending, unsound
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import SOURCE
from practicum.plugins.pipeline.snapshot import Snapshot, digest
from practicum.plugins.pipeline.told_tests import ToldTests, hollow_check
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.room import NodeRooms
from practicum.plugins.toolchains.typescript.templates import TESTS
from practicum.plugins.toolchains.typescript.templates.support import LIBRARY

_SHORT = 1500
_SECONDS = 10.0
"""For each test."""


async def check_tests(
    rooms: NodeRooms, snapshot: Snapshot, spec: PluginSpecification, *, least_coverage: float = 50.0
) -> tuple[CheckResult, ...]:
    """`vitest`, `coverage` and `hollow`, from two executions at once, each in a sandbox of its own.

    The second collects anew and runs against a hollow plugin: both must have collected the same tests, and tests that
    pass even then test nothing.
    """
    clock = Clock()
    if not snapshot.named("tests", ".test.ts"):
        return (clock.result("vitest", "no tests", [Problem("there is no test in tests/", code="vitest")]),)
    async with Tasks() as tasks:
        first = tasks.start(_run(rooms, snapshot, hollow=False))
        second = tasks.start(_run(rooms, snapshot, hollow=True))
    honest, hollow = first.result(), second.result()
    tested = _tested(clock, snapshot, honest, hollow)
    if tested.status != "passed":
        return (tested,)
    finished = honest.report.one("finished") or {}
    covered = coverage(clock, finished.get("coverage") or {}, least_coverage)
    return (tested, covered, hollow_check(clock, honest, hollow, spec, TESTS))


async def _run(rooms: NodeRooms, snapshot: Snapshot, *, hollow: bool) -> ToldTests:
    library: list[JsonValue] = [
        name for name, text in LIBRARY.items() if snapshot.files.get(name) == digest(text.encode("utf-8"))
    ]
    request = Request(hollow=hollow, seconds=_SECONDS, library=library)
    result = await rooms.report("run_tests.mjs", request.stdin, Mount(snapshot.folder, SOURCE))
    return ToldTests(request.read(result), result)


def _tested(clock: Clock, snapshot: Snapshot, honest: ToldTests, hollow: ToldTests) -> CheckResult:
    tests = honest.tests
    problems = [
        Problem(f"{test.name}: {test.message[-_SHORT:]}", test.name.partition("::")[0], code="vitest")
        for test in tests
        if test.outcome == "failed"
    ]
    problems += [
        Problem(str(line["message"])[-_SHORT:], str(line["file"]), code="vitest") for line in honest.report.of("broken")
    ]
    problems += [Problem(text, code="vitest") for text in _integrity(snapshot, honest, hollow)]
    problems += [Problem("was changed while the tests ran", name, code="vitest") for name in snapshot.changed()]
    passed = len(honest.passed)
    if not passed and not problems:
        problems.append(Problem("no test passed: there is none, or all are skipped", code="vitest"))
    skipped = sum(test.outcome == "skipped" for test in tests)
    failed = len(tests) - passed - skipped
    summary = f"{counted(len(tests), 'test')}: {passed} passed, {failed} failed, {skipped} skipped"
    facts = {"collected": len(honest.collected), "passed": passed, "failed": failed, "skipped": skipped}
    return clock.result("vitest", summary, problems, tests=tests, facts={**facts}, log=honest.result.stderr)


def _integrity(snapshot: Snapshot, honest: ToldTests, hollow: ToldTests) -> list[str]:
    """What does not fit together between the files, the report, the exit code and the second collection."""
    found: list[str] = []
    finished = honest.report.one("finished")
    names = [test.name for test in honest.tests]
    found += unsound(honest.report, honest.result, "tests")
    if finished is None:
        started = [str(line["name"]) for line in honest.report.of("started") if str(line["name"]) not in names]
        during = f" during {started[-1]}" if started else ""
        why = ending(honest.result) or f"the process ended with {honest.result.exit_code}"
        return [*found, f"the tests' report breaks off{during}: {why}\n{honest.result.stderr[-_SHORT:]}"]
    broken = {str(line["file"]) for line in honest.report.of("broken")}
    seen = {str(line["file"]) for line in honest.report.of("collected")} | broken
    found += [f"{name}: is never run" for name in snapshot.named("tests", ".test.ts") if name not in seen]
    if sorted(names) != sorted(honest.collected) and not broken:
        missing = sorted(set(honest.collected) - set(names))
        found.append(
            f"{len(honest.collected)} tests were collected and {len(names)} ran; missing: {', '.join(missing)[:500]}"
        )
    bad = any(test.outcome == "failed" for test in honest.tests) or bool(broken)
    if finished["exit_code"] != honest.result.exit_code or (honest.result.exit_code == 0) == bad:
        found.append(f"the exit code {honest.result.exit_code} contradicts the report")
    if hollow.report.of("collected") and sorted(hollow.collected) != sorted(honest.collected):
        found.append(f"two collections differ: {len(honest.collected)} tests and {len(hollow.collected)}")
    return found
