"""Verdicts as annotations of GitHub Actions: what failed stands beside its line of the scenario file.

Source of the format: GitHub Docs, "Workflow commands for GitHub Actions"; escaping as in `@actions/core`'s command.ts.
"""

# No `from __future__ import annotations` here: the name is taken.
import re
import secrets
from collections.abc import Sequence

from practicum.report.naming import file_of, lines_of, place_of, title
from practicum.report.visible import visible
from practicum.scenarios.verdict import Verdict

_MOST = 2000
"""Characters of a message; GitHub cuts longer ones."""


def annotations(verdicts: Sequence[Verdict]) -> list[str]:
    """Lines to print: an `::error` for each evaluation that did not pass, or for a run that came to no verdict; a
    `::warning` for each that passed and shows nothing. None for runs in which all is well.
    """
    return [line for verdict in verdicts for line in _of(verdict)]


def muted() -> tuple[str, str]:
    """Two lines: after the first, GitHub obeys nothing that is printed; the second ends that.

    A runner looks for commands in all that a step prints, and an agent may write one. Print everything that agents
    say between the two.
    """
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}", f"::{token}::"


def _of(verdict: Verdict) -> list[str]:
    file, name = file_of(verdict), title(verdict)
    lines = lines_of(verdict)
    steps = {step.index: step.name for step in verdict.steps}
    found = []
    broken = verdict.outcome not in ("passed", "failed")
    wrong = [item for item in verdict.evaluations if item.outcome != "passed"]
    if broken or (verdict.outcome == "failed" and not wrong):
        found.append(_command("error", file, _line_told(verdict), f"{name}: {verdict.outcome}", verdict.reason))
    for item in verdict.evaluations:
        place = place_of(item, steps)
        said = f"{item.summary} ({place})" if place else item.summary
        line = lines.get(item.index, 1)
        if item.outcome != "passed":
            # One that the judgment could do without (any_pass, a threshold) did not fail the run.
            level = "warning" if verdict.outcome == "passed" else "error"
            word = "" if item.outcome == "failed" else f" ({item.outcome})"
            found.append(_command(level, file, line, f"{name}: {item.evaluator}{word}", said))
        elif not item.counts:
            found.append(_command("warning", file, line, f"{name}: {item.evaluator} is weak", said))
    return found


def _line_told(verdict: Verdict) -> int:
    """The line with which the reason begins where the file itself is wrong, `FILE:LINE: key: ...`; else the first."""
    file = verdict.scenario_file
    told = re.match(r":(\d{1,7}):", verdict.reason.removeprefix(file)) if file else None
    return int(told[1]) if told and verdict.reason.startswith(file) else 1


def _command(level: str, file: str, line: int, heading: str, message: str) -> str:
    place = f"file={_property(file)},line={line}," if file else ""
    return f"::{level} {place}title={_property(heading[:200])}::{_data(message[:_MOST])}"


def _data(text: str) -> str:
    plain = visible(text.replace("\r\n", "\n"))
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
