"""A hundred trivial cases in one command, each recorded: `practicum run 'examples/trivial/*.yaml'`.

The peer is promptfoo with its echo provider and two assertions a case; PROMPTFOO holds its command where it is
installed (`node .../promptfoo/dist/src/entrypoint.js`), as it needs a newer node than many machines have.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Pass, alternate, ratio, report

CASES = Path(__file__).parents[1] / "examples" / "trivial"
PASSES = 5


def command(folder: Path, argv: list[str], env: dict[str, str]) -> Pass:
    """A pass that runs a command to its end: seconds."""

    async def run() -> float:
        start = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            env={**os.environ, **env},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await process.wait():
            raise RuntimeError(f"{argv[0]} failed")
        return time.perf_counter() - start

    return run


def promptfoo(folder: Path) -> list[str]:
    """The peer's configuration, and its command; empty when it is not installed."""
    given = shlex.split(os.environ.get("PROMPTFOO", ""))
    lines = ["prompts: ['case {{n}} says hello']", "providers: [echo]", "tests:"]
    for number in range(1, 101):
        lines += [
            f"  - vars: {{n: '{number:03}'}}",
            "    assert:",
            f"      - {{type: contains, value: 'case {number:03}'}}",
            "      - {type: regex, value: 'says \\w+'}",
        ]
    (folder / "promptfooconfig.yaml").write_text("\n".join(lines) + "\n")
    return [*given, "eval", "--no-cache", "--no-progress-bar", "--no-table"] if given else []


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = [sys.executable, "-m", "practicum.cli.main", "run", f"{CASES}/*.yaml", "--quiet"]
        home = {"PRACTICUM_HOME": str(folder / "home")}
        contestants = {
            "local": command(folder, ours, home),
            "sandbox": command(folder, [*ours, "--environment", "sandbox"], home),
        }
        peer = promptfoo(folder)
        if peer:
            quiet = {
                "PROMPTFOO_DISABLE_TELEMETRY": "1",
                "PROMPTFOO_DISABLE_UPDATE": "1",
                "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
                "PROMPTFOO_CONFIG_DIR": str(folder / "peer"),
            }
            contestants["promptfoo"] = command(folder, peer, quiet)
        for run in contestants.values():  # what is made once in a home is not what is measured
            await run()
        found = await alternate(contestants, PASSES)
    ratios = {"sandbox_to_local": ratio(found["sandbox"], found["local"])}
    if peer:
        ratios["local_to_promptfoo"] = ratio(found["local"], found["promptfoo"])
    report("trivial", seconds={key: value.rounded(3) for key, value in found.items()}, **ratios)
