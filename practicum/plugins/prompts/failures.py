"""What was wrong with an iteration, in full, as a model and a person read it."""

from __future__ import annotations

from practicum.plugins.pipeline.result import CheckResult, PhaseResult, PipelineResult, Problem
from practicum.plugins.prompts.blocks import cut, fenced

MESSAGE_LIMIT = 6_000
LOG_LIMIT = 12_000
"""Characters of one check's output."""
FAILURE_LIMIT = 120_000
_MOST_PROBLEMS = 60


def failure_text(result: PipelineResult) -> str:
    """Every problem of every check that did not pass, failed tests with their messages, and what was printed."""
    parts = [_check(phase, check) for phase in result.phases for check in phase.checks if check.status == "failed"]
    missing = {"building", "linting", "testing", "validating"} - {phase.phase for phase in result.phases}
    if missing and result.phases:
        names = [name for name in ("building", "linting", "testing", "validating") if name in missing]
        parts.append(f"Not reached: {', '.join(names)}.")
    return cut("\n\n".join(parts), FAILURE_LIMIT)


def _check(phase: PhaseResult, check: CheckResult) -> str:
    lines = [f"## {phase.phase}: {check.name} failed", "", check.summary]
    shown = check.problems[:_MOST_PROBLEMS]
    lines += ["", *(problem_line(one) for one in shown)] if shown else []
    if len(check.problems) > len(shown):
        lines.append(f"- and {len(check.problems) - len(shown)} more")
    failed = [test for test in check.tests if test.outcome in ("failed", "error")]
    told = "\n".join(problem.message for problem in check.problems)
    for test in failed[:_MOST_PROBLEMS]:
        if test.message and test.message not in told:
            lines += ["", f"Test `{test.name}` ({test.outcome}):", fenced(cut(test.message, MESSAGE_LIMIT))]
    if check.log.strip():
        lines += ["", "What was printed:", fenced(cut(check.log.strip(), LOG_LIMIT))]
    return "\n".join(lines)


def problem_line(problem: Problem) -> str:
    """`- src/x.py:3: mypy:arg-type: message`, with further lines of the message indented."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    head = ": ".join(part for part in (place, problem.code) if part)
    text = cut(problem.message, MESSAGE_LIMIT).replace("\n", "\n    ")
    severity = " (warning)" if problem.severity == "warning" else ""
    return f"- {head}{severity}: {text}" if head else f"- {text}{severity}"
