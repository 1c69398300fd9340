"""What the PDF says, in order."""

from __future__ import annotations

from practicum import __version__
from practicum.report.amounts import percent, seconds, usd
from practicum.report.evaluations import split
from practicum.report.figures import figures
from practicum.report.naming import place_of, title
from practicum.report.overview import Names, Overview
from practicum.report.pdf.sheet import Sheet
from practicum.report.plots.drawing import role_of
from practicum.report.words import apart, sentence
from practicum.scenarios.statistics import Group
from practicum.scenarios.verdict import StepResult, Verdict

_MOST_ROWS = 400
"""Of a table; JSON holds all."""


def pdf(found: Overview) -> bytes:
    """The document.

    Raises:
        MissingExtraError: fpdf2 is not installed.
    """
    sheet = Sheet(found.title, f"practicum {__version__}")
    if len(found.rows) == 1 and found.verdicts:
        _one(sheet, next(iter(found.verdicts.values())))
    else:
        _many(sheet, found)
    return sheet.output()


def _many(sheet: Sheet, found: Overview) -> None:
    summary = found.summary
    sheet.heading(f"{found.title}: {sentence(summary)}", 17)
    sheet.paragraph(apart(summary))
    each = f", {seconds(summary.overall.seconds.mean)} each" if summary.overall.seconds else ""
    took = f"{len(found.rows)} runs took {seconds(summary.total_seconds)}{each}"
    sheet.paragraph(f"{took}; {usd(summary.total_cost_usd)}, {summary.total_tokens:,} tokens.", role="soft")
    name = Names(found.rows)
    if summary.flaky:
        flaky = "; ".join(name(case) for case in summary.cases if case.flaky)
        sheet.paragraph(f"Flaky: {flaky}", role="warn")
    for figure in figures(found):
        sheet.heading(figure.heading, before=figure.drawing)
        sheet.drawing(figure.drawing)
        if figure.note:
            sheet.paragraph(figure.note, 8, "soft")
    if len(summary.cases) > 1:
        sheet.heading("Cases")
        heads = ("case", "passed", "rate", "95 %", "apart", "seconds", "cost")
        rows = []
        for case in summary.cases[:_MOST_ROWS]:
            took = f"{case.seconds.mean:.1f}" if case.seconds else ""
            cost = usd(case.cost_usd.mean) if case.cost_usd else ""
            flaky = " (flaky)" if case.flaky else ""
            rows.append((f"{name(case)}{flaky}", *_rate(case), str(case.outcomes.apart), took, cost))
        sheet.table(heads, rows, (42, 12, 9, 16, 8, 10, 11), right=range(1, 7))
    if found.evaluations:
        sheet.heading("Evaluations")
        told = [
            (item.evaluator, item.scenario, str(item.passed), str(item.failed), str(item.error), str(item.weak))
            for item in found.evaluations[:_MOST_ROWS]
        ]
        columns = ("evaluation", "scenario", "passed", "failed", "could not look", "weak")
        sheet.table(columns, told, (30, 30, 10, 10, 14, 8), right=range(2, 6))
    sheet.heading("Runs")
    runs = [
        (row.run, name(row), str(row.trial), row.outcome, f"{row.seconds:.1f}", usd(row.cost_usd), _why(row.reason))
        for row in found.rows[:_MOST_ROWS]
    ]
    heads = ("run", "case", "trial", "outcome", "seconds", "cost", "why")
    sheet.table(heads, runs, (20, 30, 8, 18, 11, 12, 40), right=(2, 4, 5))
    if len(found.rows) > _MOST_ROWS:
        sheet.paragraph(f"{len(found.rows) - _MOST_ROWS} more: --format json", 8, "soft")


def _rate(group: Group) -> tuple[str, str, str]:
    outcomes, interval = group.outcomes, group.interval
    reach = f"{percent(interval.low)} to {percent(interval.high)}" if outcomes.counted else ""
    return f"{outcomes.passed} of {outcomes.counted}", percent(group.rate), reach


def _why(reason: str) -> str:
    return reason if len(reason) <= 160 else f"{reason[:159]}…"


def _one(sheet: Sheet, verdict: Verdict) -> None:
    sheet.heading(f"{verdict.outcome.upper()}  {title(verdict)}", 17, role_of(verdict.outcome))
    began = f"{verdict.started:%Y-%m-%d %H:%M:%S} UTC"
    where = f", environment {verdict.environment}" if verdict.environment else ""
    sheet.paragraph(f"run {verdict.run}, {began}, {seconds(verdict.seconds)}{where}", role="soft")
    for text in (verdict.description, verdict.reason if verdict.outcome != "passed" else ""):
        if text:
            sheet.paragraph(text)
    sheet.heading("Evaluations")
    names = {step.index: step.name for step in verdict.steps}
    rows = []
    for item in verdict.evaluations[:_MOST_ROWS]:
        outcome = "weak" if item.outcome == "passed" and not item.counts else item.outcome
        rows.append((item.evaluator, place_of(item, names) or "the run", item.kind, outcome, item.summary))
    if rows:
        sheet.table(("evaluation", "of", "class", "outcome", "what was seen"), rows, (26, 22, 10, 14, 60))
    else:
        sheet.paragraph("Nothing was evaluated.", role="soft")
    for item in verdict.evaluations[:_MOST_ROWS]:
        for name, text in split(item.details)[1]:
            sheet.paragraph(f"{item.evaluator}, {name}", 9, "soft")
            sheet.block(text)
    if verdict.steps:
        sheet.heading("Steps")
    for step in verdict.steps:
        _step(sheet, step)
    if verdict.agents:
        sheet.heading("Agents")
        heads = ("agent", "model", "turns", "model calls", "tool calls", "tokens in", "cached", "out", "cost")
        uses = [
            (name, use.model, str(use.turns), str(use.model_calls), str(use.tool_calls), f"{use.input_tokens:,}",
             f"{use.cached_tokens:,}", f"{use.output_tokens:,}", usd(use.cost_usd))
            for name, use in verdict.agents.items()
        ]  # fmt: skip
        sheet.table(heads, uses, (18, 26, 9, 12, 12, 12, 11, 10, 13), right=range(2, 9))
    if verdict.notes:
        sheet.heading("How the file was read")
        for note in verdict.notes:
            sheet.paragraph(note, 9)


def _step(sheet: Sheet, step: StepResult) -> None:
    code = "" if step.exit_code is None else f", exit code {step.exit_code}"
    sheet.heading(f"{step.index + 1}  {step.name or step.kind}: {step.ended}{code}, {seconds(step.seconds)}", 11)
    if step.reason:
        sheet.paragraph(step.reason, 9, "soft")
    if step.turns:
        for turn in step.turns:
            sheet.paragraph(f"{turn.turn} user", 8, "soft")
            sheet.block(turn.user, 1500)
            sheet.paragraph(f"{turn.turn} agent, {seconds(turn.seconds)}", 8, "second")
            sheet.block(turn.agent or "(no answer)", 1500)
        return
    parts = {"code" if step.kind == "code" else "given": step.given, "stderr": step.stderr}
    parts["stdout" if step.kind == "code" else "what the agents wrote"] = step.stdout or step.text
    for name, text in parts.items():
        if text:
            sheet.paragraph(name, 8, "soft")
            sheet.block(text)
    files = [*step.created, *step.changed]
    if files:
        sheet.paragraph(f"files: {', '.join(files[:40])}", 8, "soft")
