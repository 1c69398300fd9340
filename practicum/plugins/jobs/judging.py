"""What came of one iteration, from the pipeline's result and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from practicum.plugins.jobs.signature import failure, failure_of
from practicum.plugins.pipeline.result import PhaseName, PipelineResult
from practicum.plugins.prompts.failures import failure_text
from practicum.plugins.templates import unimplemented
from practicum.text import printable

ORDER: Sequence[PhaseName] = ("building", "linting", "testing", "validating")


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an iteration is no success; `artifact` when it is one."""

    phase: str = ""
    problem: str = ""
    """In a line."""
    text: str = ""
    """In full."""
    signature: str = ""
    """The same for the same failure."""
    artifact: Path | None = None


def unusable(problems: Sequence[str]) -> Finding:
    """The answer could not be read."""
    text = "The last answer could not be used:\n\n" + "\n".join(f"- {one}" for one in problems)
    return Finding("generating", problems[0], text, failure_of(problems))


def not_installed(message: str) -> Finding:
    """It passed, and then did not load or was not healthy."""
    text = f"It passed every check. Then it was installed, and that failed:\n\n{message}"
    return Finding("installing", printable(message, 300), text, failure_of([message]))


def judge(result: PipelineResult, files: Mapping[str, str], redact: Callable[[str], str]) -> Finding:
    """What the pipeline found. Files with the mark of unimplemented behaviour never pass."""
    bare = unimplemented(files)
    if result.ok and bare:
        told = f"{', '.join(bare)}: not everything that the specification names is implemented"
        return Finding("validating", told, f"- {told}", failure_of(bare))
    if result.ok and result.artifact is not None:
        return Finding(artifact=result.artifact)
    phase = result.failed_phase or _missing(result)
    problems = [one for part in result.phases for one in part.problems() if one.severity == "error"]
    if problems:
        first = problems[0]
        place = f"{first.file}:{first.line}: " if first.line else f"{first.file}: " if first.file else ""
        told = place + printable(first.message, 300)
    else:
        told = _summary(result, phase)
    return Finding(phase, redact(told), redact(failure_text(result)), failure(result))


def _missing(result: PipelineResult) -> str:
    there = {phase.phase for phase in result.phases}
    return next((name for name in ORDER if name not in there), "building")


def _summary(result: PipelineResult, phase: str) -> str:
    checks = [check for one in result.phases if one.phase == phase for check in one.checks if check.status != "passed"]
    return "; ".join(f"{check.name}: {check.summary}" for check in checks) or f"{phase} came to nothing"
