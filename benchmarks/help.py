"""How long `practicum --help` takes beside a Python that does nothing: a user feels start-up at every command."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from benchmarks.measure import Pass, alternate, ratio, report

RUNS, PASSES = 5, 7


def command(*words: str) -> Pass:
    async def one_pass() -> float:
        begin = time.perf_counter()
        for _ in range(RUNS):
            process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
            if await process.wait() != 0:
                raise RuntimeError(f"{words} failed")
        return (time.perf_counter() - begin) / RUNS * 1000

    return one_pass


async def main() -> None:
    practicum = str(Path(sys.executable).with_name("practicum"))
    contestants = {"help": command(practicum, "--help"), "bare": command(sys.executable, "-c", "pass")}
    results = await alternate(contestants, PASSES)
    report(
        "help",
        unit="ms",
        **{name: series.rounded(1) for name, series in results.items()},
        ratio=ratio(results["help"], results["bare"]),
        wanted="at most 15",
    )
