"""`report.html`: one page, no network, nothing in it that agents wrote is ever more than text."""

from __future__ import annotations

from pathlib import Path

from pydantic_core import to_json

from practicum.bus.events import MockCalled
from practicum.report.evaluations import grouped
from practicum.report.lanes import collect, draw, linked, refused
from practicum.report.moves import Move, moves, steps_of
from practicum.report.naming import title
from practicum.report.story import conversation, pulls
from practicum.report.templates import fill
from practicum.scenarios.verdict import Verdict
from practicum.text import printable
from practicum.trajectory.reader import Recorded, Trajectory

_MOST_EVENTS = 4000
"""Events that the page lists one by one, besides those that it links to; the trajectory holds all."""

_MOST_SAID = 2000
_MOST_REFUSED = 200
_MOST_MOVES = 300
"""Of one step."""
_MOST_CALLS = 100
"""Of one mock."""

_SUMMED = ("turns", "model_calls", "tool_calls", "input_tokens", "cached_tokens", "output_tokens", "cost_usd",
           "exchanges", "refused")  # fmt: skip

_ENDINGS = {
    "quiet": "nothing more happened",
    "exited": "exited",
    "timeout": "its time was up",
    "terminated": "ended by a condition",
    "max_turns": "had its last turn",
    "finished": "the owner finished",
    "failed": "could not be done",
}

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
    from markupsafe import Markup

    lanes = collect(recorded, list(verdict.agents))
    said, opened, calls = conversation(recorded), pulls(recorded), refused(recorded)
    groups = grouped(verdict, recorded)
    taken = _moves(verdict, recorded)
    links = {item.seq for item in said[:_MOST_SAID]} | {item.seq for item in calls[:_MOST_REFUSED]} | linked(lanes)
    links |= {seq for group in groups for one in group.shown for seq in one.events}
    links |= {seq for pull in opened for seq in pull.events()}
    links |= {move.seq for step in taken.values() for move in step[:_MOST_MOVES]}
    told = [item for item in recorded if item.event.type not in _QUIET or item.seq in links]
    events = [item for place, item in enumerate(told) if place < _MOST_EVENTS or item.seq in links]
    return fill(
        "run",
        verdict=verdict,
        title=title(verdict),
        sentence=_sentence(verdict),
        groups=groups,
        weighted=int(verdict.strategy == "weighted" or any(item.weight != 1 for item in verdict.evaluations)),
        linked_events=int(any(one.events for group in groups for one in group.shown)),
        endings=_ENDINGS,
        moves=taken,
        most_moves=_MOST_MOVES,
        most_calls=_MOST_CALLS,
        arguments=_arguments,
        lanes=Markup(draw(lanes)),
        said=said[:_MOST_SAID],
        unsaid=max(0, len(said) - _MOST_SAID),
        pulls=opened,
        refused=[(item.seq, item.event.body) for item in calls[:_MOST_REFUSED]],
        unrefused=max(0, len(calls) - _MOST_REFUSED),
        events=_listed(events, recorded),
        left_out=len(told) - len(events),
        total=_total(verdict),
    )


def _sentence(verdict: Verdict) -> str:
    passed = sum(item.outcome == "passed" for item in verdict.evaluations)
    total = len(verdict.evaluations)
    counted = f"{passed} of {total} evaluations passed" if total else "nothing was evaluated"
    return f"{verdict.scenario}: {counted}, {verdict.seconds:.1f} s"


def _moves(verdict: Verdict, recorded: list[Recorded]) -> dict[int, list[Move]]:
    """What the agents did in each step; a code step has its output instead."""
    begun = steps_of(recorded)
    return {
        step.index: moves(recorded, step.index) if step.kind != "code" and step.index in begun else []
        for step in verdict.steps
    }


def _arguments(call: MockCalled) -> str:
    parts = [to_json(call.args).decode()[1:-1]] if call.args else []
    if call.input:
        parts.append(to_json(call.input).decode())
    text = ", ".join(parts)
    return text if len(text) <= 600 else f"{text[:600]}…"


def _total(verdict: Verdict) -> dict[str, float]:
    uses = verdict.agents.values()
    return {name: sum(getattr(use, name) for use in uses) for name in _SUMMED}


def _listed(events: list[Recorded], recorded: list[Recorded]) -> list[tuple[int, str, str, str, str]]:
    """Number, second, source, type and a short text of events."""
    found = []
    for item in events:
        at = f"{(item.event.time - recorded[0].event.time).total_seconds():.2f}"
        text = printable(item.event.data.model_dump_json(exclude={"pack", "response_body", "opaque"}), 400)
        found.append((item.seq, at, item.event.source, item.event.type, text))
    return found
