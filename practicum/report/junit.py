"""Verdicts as JUnit XML, for continuous integration.

A `testsuite` is a scenario file, a `testcase` one run of it (a trial, a combination of a matrix). A failed run is a
`failure` that lists the evaluations which failed; what is no verdict (inconclusive, a limit, infrastructure, cancelled)
is an `error`, so that nobody takes it for a pass. Source of the format: the schema that Jenkins' xUnit plugin
publishes (junit-10.xsd), and for files `[[ATTACHMENT|PATH]]` of its JUnit Attachments plugin, which GitLab reads too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from practicum.report.naming import file_of, place_of, title
from practicum.report.visible import one_line, visible
from practicum.scenarios.verdict import Verdict

_MOST_OUTPUT = 8000
"""Characters of one step's output."""


def junit(verdicts: Sequence[Verdict], runs: Path | None = None) -> str:
    """The XML document.

    `runs` is the folder that holds the runs' folders; the files of each that are there are then named as attachments.
    """
    root = ET.Element("testsuites", name="practicum")
    for (file, scenario), group in _by_file(verdicts).items():
        suite = ET.SubElement(root, "testsuite", {"name": one_line(scenario), **_counts(group)})
        suite.set("timestamp", min(verdict.started for verdict in group).strftime("%Y-%m-%dT%H:%M:%S"))
        if file:
            suite.set("file", one_line(file))
        for verdict in group:
            _case(suite, verdict, file, runs)
    for name, value in _counts(verdicts).items():
        root.set(name, value)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def write_junit(verdicts: Sequence[Verdict], path: Path, runs: Path | None = None) -> None:
    """Write the XML document; folders that are missing are made.

    Raises:
        OSError: it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(junit(verdicts, runs), encoding="utf-8")
    partial.replace(path)


def _by_file(verdicts: Sequence[Verdict]) -> dict[tuple[str, str], list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault((file_of(verdict), verdict.scenario), []).append(verdict)
    return found


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    failed = sum(verdict.outcome == "failed" for verdict in verdicts)
    passed = sum(verdict.outcome == "passed" for verdict in verdicts)
    return {
        "tests": str(len(verdicts)),
        "failures": str(failed),
        "errors": str(len(verdicts) - passed - failed),
        "skipped": "0",
        "time": f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    }


def _case(suite: ET.Element, verdict: Verdict, file: str, runs: Path | None) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=one_line(_dotted(file) or verdict.scenario),
        name=one_line(title(verdict), 300),
        time=f"{verdict.seconds:.3f}",
    )
    if file:
        case.set("file", one_line(file))
    properties = ET.SubElement(case, "properties")
    told = {"run": verdict.run, "outcome": verdict.outcome, "trial": str(verdict.trial)}
    told |= {f"parameter.{key}": str(value) for key, value in verdict.parameters.items()}
    for name, value in told.items():
        ET.SubElement(properties, "property", name=one_line(name), value=one_line(value, 1000))
    if verdict.outcome != "passed":
        kind = "failure" if verdict.outcome == "failed" else "error"
        wrong = ET.SubElement(case, kind, type=verdict.outcome, message=one_line(verdict.reason, 1000))
        wrong.text = _said(_wrong(verdict))
    case_output = [_said(_output(verdict)), *_attachments(verdict, runs)]
    ET.SubElement(case, "system-out").text = "\n".join(case_output)


def _dotted(file: str) -> str:
    """`examples/a.scenario.yaml` as a class name: `examples.a`."""
    stem = file
    for ending in (".yaml", ".yml", ".scenario"):
        stem = stem.removesuffix(ending)
    return stem.removesuffix("/scenario").strip("/").replace("/", ".").replace("\\", ".")


def _wrong(verdict: Verdict) -> str:
    names = {step.index: step.name for step in verdict.steps}
    lines = [verdict.reason]
    for item in verdict.evaluations:
        if item.outcome != "passed":
            place = place_of(item, names)
            lines.append(f"{item.outcome}: {item.evaluator}{f' ({place})' if place else ''}: {item.summary}")
        elif not item.counts:
            lines.append(f"weak: {item.evaluator}: {item.summary}")
    return "\n".join(lines)


def _said(text: str) -> str:
    """Text in which an agent cannot name a file of the machine as an attachment."""
    return visible(text).replace("[[ATTACHMENT|", "[[ATTACHMENT:")


def _output(verdict: Verdict) -> str:
    run = f"run {verdict.run}" if verdict.run else "a run that never began"
    parts = [f"{run}: {verdict.outcome} in {verdict.seconds:.1f} s"]
    parts += [f"note: {note}" for note in verdict.notes]
    for step in verdict.steps:
        code = "" if step.exit_code is None else f", exit code {step.exit_code}"
        name = f' "{step.name}"' if step.name else ""
        parts.append(f"step {step.index + 1}{name} ({step.kind}): {step.ended}{code}")
        parts += [visible(text, _MOST_OUTPUT) for text in (step.text or step.stdout, step.stderr) if text]
    return "\n".join(parts)


def _attachments(verdict: Verdict, runs: Path | None) -> list[str]:
    if runs is None:
        return []
    paths = [runs / verdict.run / name for name in ("verdict.json", "report.html", "trajectory.jsonl")]
    return [f"[[ATTACHMENT|{path.absolute()}]]" for path in paths if path.is_file()]
