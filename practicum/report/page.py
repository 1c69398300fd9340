"""`report.html`: one page, no network, nothing in it that agents wrote is ever more than text."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from practicum import __version__
from practicum.report.lanes import collect, draw, linked, refused
from practicum.report.story import conversation, pulls
from practicum.scenarios.verdict import Verdict
from practicum.text import printable
from practicum.trajectory.reader import Recorded, Trajectory

_MOST_EVENTS = 4000
"""Events that the page lists one by one, besides those that it links to; the trajectory holds all."""

_MOST_SAID = 2000
_MOST_TEXT = 2000
"""Messages, and characters of one."""

_MOST_REFUSED = 200

_QUIET = {"model.requested", "lease.renewed", "process.started"}


def write_report(folder: Path) -> Path:
    """Write `report.html` of a finished run from its verdict and trajectory; returns its path.

    Raises:
        TrajectoryError: the trajectory cannot be read.
    """
    verdict = Verdict.model_validate_json((folder / "verdict.json").read_bytes())
    recorded = Trajectory(folder).events()
    path = folder / "report.html"
    partial = path.with_name(".report.html")
    partial.write_text(render(verdict, recorded), encoding="utf-8")
    partial.rename(path)
    return path


def render(verdict: Verdict, recorded: list[Recorded]) -> str:
    """The page as text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    root = resources.files("practicum.report")
    environment = Environment(
        loader=FunctionLoader(lambda name: (root / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = printable
    environment.filters["lines"] = _lines
    lanes = collect(recorded, list(verdict.agents))
    said, opened, calls = conversation(recorded), pulls(recorded), refused(recorded)
    evidence = _evidence(verdict, recorded)
    links = {item.seq for item in said[:_MOST_SAID]} | {item.seq for item in calls[:_MOST_REFUSED]} | linked(lanes)
    links |= {seq for seqs in evidence.values() for seq in seqs} | {seq for pull in opened for seq in pull.events()}
    told = [item for item in recorded if item.event.type not in _QUIET or item.seq in links]
    events = [item for place, item in enumerate(told) if place < _MOST_EVENTS or item.seq in links]
    return environment.get_template("page.html.jinja").render(
        verdict=verdict,
        version=__version__,
        style=Markup((root / "page.css").read_text(encoding="utf-8")),
        lanes=Markup(draw(lanes)),
        sentence=_sentence(verdict),
        said=said[:_MOST_SAID],
        unsaid=max(0, len(said) - _MOST_SAID),
        pulls=opened,
        refused=[(item.seq, item.event.body) for item in calls[:_MOST_REFUSED]],
        unrefused=max(0, len(calls) - _MOST_REFUSED),
        evidence=evidence,
        events=_listed(events, recorded),
        left_out=len(told) - len(events),
        total=_total(verdict),
    )


def _sentence(verdict: Verdict) -> str:
    passed = sum(item.outcome == "passed" for item in verdict.evaluations)
    total = len(verdict.evaluations)
    counted = f"{passed} of {total} evaluations passed" if total else "nothing was evaluated"
    return f"{verdict.scenario}: {counted}, {verdict.seconds:.1f} s"


def _evidence(verdict: Verdict, recorded: list[Recorded]) -> dict[int, list[int]]:
    """Evaluation to the numbers of the first dozen events that it rests on."""
    numbers = {item.event.id: item.seq for item in recorded}
    return {item.index: [numbers[one] for one in item.evidence if one in numbers][:12] for item in verdict.evaluations}


def _total(verdict: Verdict) -> dict[str, Any]:
    uses = verdict.agents.values()
    names = ("turns", "model_calls", "tool_calls", "input_tokens", "output_tokens", "cost_usd", "exchanges", "refused")
    return {name: sum(getattr(use, name) for use in uses) for name in names}


def _lines(text: str) -> str:
    """Text of several lines, each fit to be shown."""
    short = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
    return "\n".join(printable(line) for line in short.splitlines())


def _listed(events: list[Recorded], recorded: list[Recorded]) -> list[tuple[int, str, str, str, str]]:
    """Number, second, source, type and a short text of events."""
    found = []
    for item in events:
        at = f"{(item.event.time - recorded[0].event.time).total_seconds():.2f}"
        text = printable(item.event.data.model_dump_json(exclude={"pack", "response_body", "opaque"}), 400)
        found.append((item.seq, at, item.event.source, item.event.type, text))
    return found
