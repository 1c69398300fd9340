"""An overview as Markdown, for the comment of a pull request (GitHub's dialect).

All text of unknown origin is a code span: there it makes no link, no mention, no image, no heading and no HTML.
"""

from __future__ import annotations

import re

from practicum.report.amounts import percent, seconds, usd
from practicum.report.naming import place_of, title
from practicum.report.overview import Names, Overview
from practicum.report.visible import one_line
from practicum.report.words import apart, sentence
from practicum.scenarios.statistics import shown
from practicum.scenarios.verdict import Verdict

_SIGNS = {"passed": "✅", "failed": "❌"}
_MOST_CASES = 60
_MOST_RUNS = 30
"""Runs that did not pass; a comment has an end (65,536 characters at GitHub)."""


def markdown(found: Overview) -> str:
    """The text, with a line break at its end."""
    if len(found.rows) == 1 and found.verdicts:
        return "\n".join(_one(found, next(iter(found.verdicts.values())))) + "\n"
    lines = [f"### {_sign(found)} {code(found.title, 120)}: {sentence(found.summary)}", "", apart(found.summary)]
    summary = found.summary
    each = f", {seconds(summary.overall.seconds.mean)} each" if summary.overall.seconds else ""
    took = f"{seconds(summary.total_seconds)}{each}"
    lines += ["", f"{took} · {usd(summary.total_cost_usd)} · {summary.total_tokens:,} tokens"]
    lines += _cases(found) + _parameters(found) + _not_passed(found)
    return "\n".join(lines) + "\n"


def _one(found: Overview, verdict: Verdict) -> list[str]:
    row = found.rows[0]
    lines = [f"### {_sign(found)} {code(title(verdict), 200)}: {verdict.outcome}", ""]
    if verdict.outcome != "passed":
        lines += [code(verdict.reason, 500), ""]
    lines.append(f"run {code(verdict.run)} · {seconds(row.seconds)} · {usd(row.cost_usd)} · {row.tokens:,} tokens")
    return lines + _evaluations(verdict)


def code(text: str, most: int = 200) -> str:
    """A code span that holds any text."""
    clean = one_line(text, most).strip() or " "
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", clean)), default=0))
    pad = " " if clean.startswith("`") or clean.endswith("`") else ""
    return f"{ticks}{pad}{clean}{pad}{ticks}"


def cell(text: str, most: int = 200) -> str:
    """The same in a table, where a bar would end the cell."""
    return code(text, most).replace("|", "\\|")


def _sign(found: Overview) -> str:
    outcomes = found.summary.overall.outcomes
    return "✅" if outcomes.passed == len(found.rows) else "❌" if outcomes.failed else "⚠️"


def _cases(found: Overview) -> list[str]:
    if not found.summary.cases:
        return []
    name_of = Names(found.rows)
    lines = [
        "",
        "| case | passed | rate | 95 % | apart | seconds | cost |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for case in found.summary.cases[:_MOST_CASES]:
        outcomes, interval = case.outcomes, case.interval
        reach = f"{percent(interval.low)} to {percent(interval.high)}" if outcomes.counted else ""
        name = cell(name_of(case)) + (" flaky" if case.flaky else "")
        took = f"{case.seconds.mean:.1f}" if case.seconds else ""
        cost = usd(case.cost_usd.mean) if case.cost_usd else ""
        counted = f"{outcomes.passed} of {outcomes.counted}"
        lines.append(
            f"| {name} | {counted} | {percent(case.rate)} | {reach} | {outcomes.apart or ''} | {took} | {cost} |"
        )
    if len(found.summary.cases) > _MOST_CASES:
        lines += ["", f"{len(found.summary.cases) - _MOST_CASES} more cases"]
    return lines


def _parameters(found: Overview) -> list[str]:
    if len(found.summary.by_parameter) < 2:
        return []
    lines = ["", "| parameter | value | passed | rate | 95 % |", "| --- | --- | ---: | ---: | --- |"]
    for item in found.summary.by_parameter[:_MOST_CASES]:
        reach = f"{percent(item.interval.low)} to {percent(item.interval.high)}" if item.outcomes.counted else ""
        counted = f"{item.outcomes.passed} of {item.outcomes.counted}"
        name, value = cell(item.parameter), cell(shown(item.value), 80)
        lines.append(f"| {name} | {value} | {counted} | {percent(item.rate)} | {reach} |")
    return lines


def _evaluations(verdict: Verdict) -> list[str]:
    names = {step.index: step.name for step in verdict.steps}
    lines = ["", "| evaluation | of | outcome | what was seen |", "| --- | --- | --- | --- |"]
    for item in verdict.evaluations[:_MOST_CASES]:
        outcome = "weak" if item.outcome == "passed" and not item.counts else item.outcome
        place = cell(place_of(item, names)) if item.step is not None else "the run"
        lines.append(f"| {cell(item.evaluator)} | {place} | {outcome} | {cell(item.summary)} |")
    return lines if verdict.evaluations else ["", "Nothing was evaluated."]


def _not_passed(found: Overview) -> list[str]:
    rows = [row for row in found.rows if row.outcome != "passed"]
    if not rows:
        return []
    name_of = Names(found.rows)
    lines = ["", "<details><summary>Runs that did not pass</summary>", ""]
    for row in rows[:_MOST_RUNS]:
        trial = f", trial {row.trial}" if row.trial > 1 else ""
        why = f": {code(row.reason)}" if row.reason else ""
        run = f" ({code(row.run, 40)})" if row.run else ""
        lines.append(f"- {_SIGNS.get(row.outcome, '⚠️')} {row.outcome} {code(name_of(row), 120)}{trial}{run}{why}")
    if len(rows) > _MOST_RUNS:
        lines.append(f"- and {len(rows) - _MOST_RUNS} more")
    return [*lines, "", "</details>"]
