"""What is going on with a job, and what failed and why, in words for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from practicum.bus.events.base import Data
from practicum.bus.events.plugin import (
    PluginAdvanced,
    PluginInstalled,
    PluginRemoved,
    PluginRequested,
    PluginReverted,
)
from practicum.plugins.jobs.state import Iteration, Job
from practicum.plugins.pipeline.result import PipelineResult, Problem, Status
from practicum.text import printable

_DOING = {
    "queued": "waits for its turn",
    "generating": "is being written",
    "building": "is built",
    "linting": "is linted and type-checked",
    "testing": "runs its tests",
    "validating": "has every component called",
    "iterating": "is being mended",
    "succeeded": "is ready",
    "failed": "failed",
    "cancelled": "was cancelled",
    "timed_out": "ran out of time",
}
_BY = {"model": "a model", "template": "templates, without a model", "given": "the given files"}
_STATUS: dict[Status, str] = {
    "passed": "passed",
    "failed": "FAILED",
    "skipped": "skipped",
    "not_checked": "not checked",
}
_WIDTH = 160


def event_line(event: Data) -> str:
    """One event in a line; empty for events of other families."""
    match event:
        case PluginRequested():
            return f"{event.name} {event.version}: asked for by {event.by} (job {event.job})"
        case PluginAdvanced():
            again = f" (iteration {event.iteration})" if event.iteration > 1 else ""
            if event.reason and event.state not in ("succeeded", "failed", "cancelled", "timed_out"):
                return printable(f"{event.name}{again}: {event.reason}", _WIDTH)
            why = f": {event.reason}" if event.reason else ""
            return printable(f"{event.name} {_DOING.get(event.state, event.state)}{again}{why}", _WIDTH * 3)
        case PluginInstalled():
            over = f", in place of {event.replaces}" if event.replaces else ""
            return f"{event.name} {event.version} serves calls{over}: {', '.join(event.actions) or 'no actions'}"
        case PluginReverted():
            instead = f"{event.to} goes on" if event.to else "nothing serves in its place"
            return printable(f"{event.name} {event.version} was taken back, {instead}: {event.reason}", _WIDTH * 2)
        case PluginRemoved():
            return printable(f"{event.name} {event.version} serves no calls any more. {event.reason}", _WIDTH).strip()
        case _:
            return ""


def job_line(job: Job) -> str:
    """A job in a line: `unit-converter-1a2b3c4d  testing     2 of 5  anthropic/NAME`."""
    count = f"{job.iteration} of {job.max_iterations}" if job.iteration else "-"
    waits = f"  waits for {job.waits_for}" if job.waits_for else ""
    return printable(f"{job.id:<40} {job.state:<10} {count:>7}  {job.model or 'templates'}{waits}", _WIDTH)


def job_lines(job: Job) -> list[str]:
    """All about a job: what it does now, who wrote the plugin, each iteration, the checks, and why it ended so."""
    lines = [f"{job.spec.name} {job.spec.version} {_DOING[job.state]}"]
    if job.reason:
        lines.append(f"  {printable(job.reason, _WIDTH * 3)}")
    if job.waits_for:
        lines.append(f"  It waits for {job.waits_for}: an operator has to give it.")
    if job.source:
        lines.append(f"  Written by {_BY[job.source]}.")
    lines += [f"  {line}" for one in job.iterations for line in _iteration(one, job)]
    if job.checks:
        told = ", ".join(f"{name} {_status(status)}" for name, status in job.checks.items())
        lines.append(f"  Checks: {told}")
    if job.cost_usd:
        lines.append(f"  Cost: ${job.cost_usd:.4f}")
    if job.artifact:
        lines.append(f"  Artifact: {job.artifact}")
    return lines


def result_lines(result: PipelineResult) -> list[str]:
    """Every check with what it found; problems of those that failed below them."""
    lines = []
    for phase in result.phases:
        lines.append(f"{phase.phase} ({phase.seconds:.1f} s)")
        for check in phase.checks:
            lines.append(f"  {check.name:<14} {_STATUS[check.status]:<12} {printable(check.summary, _WIDTH)}".rstrip())
            if check.status == "failed":
                lines += [f"    {line}" for line in _problems(check.problems)]
    return lines


def _problems(problems: tuple[Problem, ...]) -> Iterator[str]:
    for problem in problems[:10]:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        yield printable(": ".join(part for part in (place, problem.code, problem.message) if part), _WIDTH)
    if len(problems) > 10:
        yield f"and {len(problems) - 10} more"


def _iteration(one: Iteration, job: Job) -> Iterator[str]:
    outcome = f"failed at {one.failed_phase}" if one.failed_phase else "passed"
    tokens = f", {one.input_tokens} + {one.output_tokens} tokens" if one.input_tokens else ""
    yield f"Iteration {one.number}: {outcome} after {one.seconds:.1f} s, {one.files} files by {one.source}{tokens}"
    for error in job.errors:
        if error.iteration == one.number:
            yield f"  {error.phase}: {printable(error.message, _WIDTH)}"


def _status(status: str) -> str:
    return next((word for known, word in _STATUS.items() if known == status), status)
