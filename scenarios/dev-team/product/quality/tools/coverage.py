"""Line coverage with the standard library: `python3 tools/coverage.py shortlink` runs the tests and prints a table.

A line counts when the compiler made code for it; it is covered when the tests execute it. Exits 1 when a test fails.
"""

from __future__ import annotations

import io
import sys
import threading
import unittest
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def executable(code: CodeType) -> set[int]:
    """The lines of a module that can be executed."""
    if hasattr(code, "co_lines"):
        found = {line for _, _, line in code.co_lines() if line}
    else:
        import dis

        found = {line for _, line in dis.findlinestarts(code) if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= executable(constant)
    return found


def measure(package: str) -> tuple[unittest.TestResult, dict[str, tuple[int, int]]]:
    """Run all tests; the result, and for each file (lines executed, lines there are)."""
    seen: dict[str, set[int]] = {}
    inside = str(ROOT / package)

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(inside):
            return None
        lines = seen.setdefault(name, set())
        lines.add(frame.f_lineno)

        def local(frame: FrameType, event: str, argument: object) -> Any:
            lines.add(frame.f_lineno)
            return local

        return local

    sys.settrace(trace)
    threading.settrace(trace)
    try:
        suite = unittest.defaultTestLoader.discover(str(ROOT))
        result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    files = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        lines = executable(compile(path.read_text(encoding="utf-8"), str(path), "exec"))
        if lines:
            files[str(path.relative_to(ROOT))] = (len(lines & seen.get(str(path), set())), len(lines))
    return result, files


def table(files: dict[str, tuple[int, int]]) -> str:
    """The figures as Markdown."""
    total = sum(hit for hit, _ in files.values()), sum(lines for _, lines in files.values())
    rows = ["| File | Lines | Executed | Coverage |", "| --- | ---: | ---: | ---: |"]
    for name, (hit, lines) in [*files.items(), ("**all**", total)]:
        rows.append(f"| {name} | {lines} | {hit} | {100 * hit / lines:.0f} % |")
    return "\n".join(rows)


def main() -> int:
    """Print the table, and how the tests went."""
    sys.path.insert(0, str(ROOT))
    result, files = measure(sys.argv[1])
    print(table(files))
    bad = len(result.failures) + len(result.errors)
    print(f"\n{result.testsRun} tests, {bad} failed")
    for _, trouble in [*result.failures, *result.errors]:
        print(trouble, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
