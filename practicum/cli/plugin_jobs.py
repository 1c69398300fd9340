"""`practicum plugin status`, `logs` and `cancel`: jobs, from whatever terminal."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.cli.plugin_progress import exit_code, seconds, summary
from practicum.cli.running import paint
from practicum.errors import UsageError
from practicum.plugins.jobs.cancelling import cancel as cancel_job
from practicum.plugins.jobs.recovery import orphans
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.progress import job_lines
from practicum.runtime.plugin_work import PluginWork
from practicum.text import printable

JobName = Annotated[
    str, typer.Argument(help="A job's id, as practicum plugin status lists them, or last.", metavar="JOB")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

_RECENT = 20


def status(
    job: Annotated[str, typer.Argument(help="A job's id, or last; all of them when left out.", metavar="[JOB]")] = "",
    json: Json = False,
) -> int:
    """Show jobs: what is going on, what each waits for, and how the others ended."""
    with PluginWork() as work:
        if not job:
            found = work.jobs.jobs()
            left = {one.id for one in orphans(work.jobs)}
            for one in found if json else found[-_RECENT:]:
                print(to_json(summary(one)).decode() if json else _line(one, one.id in left))
            if not found and not json:
                print("no plugin was asked for yet; practicum plugin create SPEC does")
            return 0
        one = work.job(job)
        if json:
            print(to_json({**summary(one), "errors": one.errors, "iterations": one.iterations}).decode())
        else:
            _show(one, left=one.id in {other.id for other in orphans(work.jobs)})
        return exit_code([one]) if one.over else 0


def logs(
    job: JobName,
    iteration: Annotated[int, typer.Option(min=0, help="Of this iteration; the last by default.")] = 0,
    part: Annotated[
        str, typer.Option(help="prompt, answer, failure or report: what was asked, said, wrong, found.")
    ] = "failure",
) -> int:
    """Print what an iteration of a job was: the full text of its failure, or of what the model was asked and said."""
    endings = {"prompt": "md", "answer": "md", "failure": "md", "report": "json"}
    if part not in endings:
        raise UsageError(f"--part {part}: there is no such part", hint=", ".join(endings))
    with PluginWork() as work:
        one = work.job(job)
        number = iteration or one.iteration
        if iteration > one.iteration:
            raise UsageError(f"{one.id} has no iteration {iteration}", hint=f"its last one is {one.iteration}")
        text = Workspace(work.jobs.jobs_folder / one.id).read(number, f"{part}.{endings[part]}")
    if text:
        print("\n".join(printable(line) if line.strip() else "" for line in text.splitlines()))
    else:
        print(f"iteration {number} of {one.id} has no {part}")
    return 0


def cancel(job: JobName, json: Json = False) -> int:
    """End a job and everything that it started, whichever process works on it."""
    with PluginWork() as work:
        one = asyncio.run(cancel_job(work.jobs, work.job(job).id))
    if json:
        print(to_json(summary(one)).decode())
    elif one.state == "cancelled":
        print(f"{one.id} is cancelled")
    else:
        print(f"{one.id} is {one.state}" + ("" if one.over else "; its end is asked for"))
    return 0 if one.state == "cancelled" else 1


def _line(job: Job, left: bool) -> str:
    colour = {"succeeded": "green", "failed": "red"}.get(job.state, "yellow" if job.over else "cyan")
    said = "its process died: practicum plugin resume" if left else job.waits_for and f"waits for {job.waits_for}"
    why = printable(said or job.reason, 100)
    return f"{job.id:<30}  {paint(f'{job.state:<11}', colour)}  {seconds(job):>7.1f} s  {why}"


def _show(job: Job, *, left: bool) -> None:
    for line in job_lines(job):
        print(line)
    if left:
        print("  The process that worked on it died: practicum plugin resume takes it up again.")
