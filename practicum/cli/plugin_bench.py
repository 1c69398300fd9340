"""`practicum plugin bench`: how many of some specifications become plugins, in how many iterations, for how much."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.cli.amounts import money_option, time_option
from practicum.cli.plugin_make import Cost, Iterations, Model, Parallel, Timeout
from practicum.cli.plugin_progress import Progress
from practicum.cli.running import paint, say
from practicum.errors import ExitCode, UsageError
from practicum.plugins.reading import read_specification
from practicum.runtime.plugin_bench import Benched, Score, bench_all
from practicum.runtime.plugin_models import plugin_model
from practicum.text import printable


def bench(
    specs: Annotated[
        list[Path] | None, typer.Argument(help="Specification files; examples/plugins/*.yaml when left out.")
    ] = None,
    model: Model = "",
    max_iterations: Iterations = 5,
    parallel: Parallel = 2,
    timeout: Timeout = "10m",
    cost: Cost = "",
    json: Annotated[
        bool, typer.Option("--json", help="A JSON object for each specification, and one for all.")
    ] = False,
) -> int:
    """Make a plugin of each specification, in a folder of its own, and say how many succeeded and what it took.

    Exit 0 when it was measured, whatever came out; 3 when the sandbox or a process failed.
    """
    files = specs or sorted(Path("examples/plugins").glob("*.yaml"))
    if not files:
        raise UsageError("there is no specification", hint="practicum plugin bench FILE...")
    read = [read_specification(path) for path in files]
    time_s = time_option("--timeout", timeout) or 600.0
    budget = money_option("--cost", cost)

    async def measure() -> tuple[list[Benched], Score]:
        async with plugin_model(model, time_s=time_s * len(read), budget_usd=budget) as models:
            return await bench_all(
                read,
                models=models,
                max_iterations=max_iterations,
                timeout_s=time_s,
                parallel=parallel,
                progress=lambda jobs: Progress(jobs, json=json).event,
            )

    rows, score = asyncio.run(measure())
    if json:
        for row in rows:
            print(to_json(row).decode())
        print(to_json(score).decode())
    else:
        _table(rows, score)
    return int(ExitCode.INCONCLUSIVE) if score.inconclusive else 0


def _table(rows: list[Benched], score: Score) -> None:
    width = max(len(row.name) for row in rows) + 2
    say("")
    say(paint(f"{'plugin':<{width}}{'ended':<12}{'iterations':>10}{'cost':>10}{'time':>9}  why", "bold"))
    for row in rows:
        colour = "green" if row.state == "succeeded" else "red"
        why = "" if row.state == "succeeded" else printable(row.reason, 90)
        ended = paint(f"{row.state:<12}", colour)
        say(f"{row.name:<{width}}{ended}{row.iterations:>10}{f'${row.cost_usd:.4f}':>10}{row.seconds:>7.1f} s  {why}")
    say(
        f"\n{score.succeeded} of {score.specifications} succeeded ({score.success_rate:.0%}), "
        f"{score.mean_iterations:.1f} iterations, {score.mean_seconds:.1f} s in the mean; "
        f"${score.cost_usd:.4f} and {score.wall_seconds:.1f} s in all"
    )
