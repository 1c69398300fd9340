"""`practicum plugin create`, `from-description` and `resume`: from a specification, or a sentence, to a plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from practicum.cli.amounts import money_option, time_option
from practicum.cli.plugin_progress import Progress, exit_code
from practicum.errors import UsageError
from practicum.plugins.jobs.cleanup import clean
from practicum.plugins.jobs.recovery import recover
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobLimits
from practicum.plugins.pipeline.checking import Tasks
from practicum.plugins.reading import read_specification
from practicum.plugins.specification import PluginSpecification
from practicum.runtime.plugin_models import Models, plugin_model
from practicum.runtime.plugin_toolchains import check_installable
from practicum.runtime.plugin_work import PluginWork, Wanted
from practicum.text import printable

Model = Annotated[
    str,
    typer.Option(help="Who writes it: anthropic/NAME or openai/NAME. Without one, templates do, as far as they can."),
]
Iterations = Annotated[int, typer.Option(min=1, max=50, help="How often the model may try.")]
Parallel = Annotated[int, typer.Option(min=1, max=32, help="Jobs that are worked on at the same time.")]
Timeout = Annotated[str, typer.Option(help="For each job, such as 10m; waiting for a secret counts too.")]
Cost = Annotated[str, typer.Option(help="For all model calls together, such as $2; $5 when left out.")]
Force = Annotated[bool, typer.Option("--force", help="Although a plugin that does this is there.")]
Json = Annotated[bool, typer.Option("--json", help="Each job's end as JSON, one object a line.")]
Installed = Annotated[
    bool, typer.Option("--install", help="Install each that succeeds, once it has loaded and is healthy.")
]

_TIMEOUT = "30m"


def create(
    specs: Annotated[list[Path], typer.Argument(help="Specification files, YAML or JSON.", metavar="SPEC...")],
    install: Installed = False,
    model: Model = "",
    max_iterations: Iterations = 5,
    parallel: Parallel = 2,
    timeout: Timeout = _TIMEOUT,
    cost: Cost = "",
    force: Force = False,
    json: Json = False,
) -> int:
    """Make plugins from specifications: written, built, checked, tested, reviewed and verified in the sandbox.

    Exit 0 when each of them succeeded, 1 when one failed, 3 when one was cancelled or the sandbox is not there.
    """
    wanted = _wanted(model, max_iterations, timeout, install)
    read = [read_specification(path) for path in specs]
    return asyncio.run(_create(read, wanted, parallel, money_option("--cost", cost), force, json))


def from_description(
    text: Annotated[str, typer.Argument(help="What the plugin should do, in a sentence or some.")],
    install: Installed = False,
    model: Model = "",
    max_iterations: Iterations = 5,
    timeout: Timeout = _TIMEOUT,
    cost: Cost = "",
    force: Force = False,
    show: Annotated[bool, typer.Option("--show", help="Print the specification, and make nothing.")] = False,
    json: Json = False,
) -> int:
    """Make a plugin from a sentence: the model, or without one keywords, first make a specification of it."""
    wanted = _wanted(model, max_iterations, timeout, install)
    return asyncio.run(_describe(text, wanted, money_option("--cost", cost), force, show, json))


def resume(
    json: Json = False,
    cost: Cost = "",
) -> int:
    """Take up again the jobs whose process died, each where it was. One that was to be cancelled is."""
    return asyncio.run(_resume(money_option("--cost", cost), json))


def _wanted(model: str, max_iterations: int, timeout: str, install: bool) -> Wanted:
    limit = time_option("--timeout", timeout)
    return Wanted(model, max_iterations, limit or 1800.0, install)


async def _create(
    specs: Sequence[PluginSpecification], wanted: Wanted, parallel: int, cost: float | None, force: bool, json: bool
) -> int:
    twice = next((one.name for one in specs if sum(other.name == one.name for other in specs) > 1), "")
    if twice:
        raise UsageError(f"{twice} is asked for twice", hint="one specification for each name")
    time_s = wanted.timeout_s * max(1, -(-len(specs) // parallel))
    async with plugin_model(wanted.model, time_s=time_s, budget_usd=cost) as models:
        return exit_code(await make_all(specs, wanted, models=models, parallel=parallel, force=force, json=json))


async def make_all(
    specs: Sequence[PluginSpecification],
    wanted: Wanted,
    *,
    models: Models,
    parallel: int = 1,
    force: bool = False,
    json: bool = False,
) -> list[Job]:
    """Make a plugin of each specification, and tell of it in the terminal; the jobs as they ended.

    Raises:
        AlreadyThereError: a plugin that does what one of them declares is there, and not `force`. None was begun then.
        TooManyJobsError: too many were asked for within the last hour.
    """
    with PluginWork(limits=JobLimits(live=parallel)) as work:
        await asyncio.to_thread(clean, work.jobs)
        progress = Progress(work.jobs, json=json)
        if wanted.install:
            for spec in specs:
                check_installable(spec)
        for spec in specs:
            for one in work.existing(spec):
                progress.note(f"{spec.name} {'follows' if one.update else 'is there already'}: {one.told()}")
        work.check_new(specs, force=force)
        queued = [await work.queue(spec, wanted, on_event=progress.event) for spec in specs]

        async def make(job: Job) -> Job:
            install = work.install if wanted.install else None
            done = await work.make(
                job, model=models.author, reviewer=models.reviewer, on_event=progress.event, install=install
            )
            progress.end(done)
            return done

        async with Tasks() as group:
            tasks = [group.start(make(job)) for job in queued]
        return [task.result() for task in tasks]


async def _describe(text: str, wanted: Wanted, cost: float | None, force: bool, show: bool, json: bool) -> int:
    from practicum.plugins.describing import describe

    async with plugin_model(wanted.model, time_s=wanted.timeout_s, budget_usd=cost) as models:
        found = await describe(text, models.author)
        if not show:
            for note in found.notes if not json else ():
                print(f"  note: {printable(note, 200)}")
            return exit_code(await make_all([found.spec], wanted, models=models, force=force, json=json))
    if json:
        print(found.spec.model_dump_json())
        return 0
    import yaml

    for note in found.notes:
        print(f"# {printable(note, 200)}")
    plain = found.spec.model_dump(mode="json", exclude_defaults=True)
    print(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), end="")
    return 0


async def _resume(cost: float | None, json: bool) -> int:
    with PluginWork() as work:
        orphans = recover(work.jobs)
        progress = Progress(work.jobs, json=json)
        done = []
        for job in orphans:
            wanted = replace(Wanted(), model=job.model, timeout_s=job.timeout_s)
            async with plugin_model(wanted.model, time_s=wanted.timeout_s, budget_usd=cost) as models:
                made = await work.make(job, model=models.author, reviewer=models.reviewer, on_event=progress.event)
                done.append(made)
            progress.end(done[-1])
        if not done and not json:
            print("no job was left behind")
        return exit_code(done)
