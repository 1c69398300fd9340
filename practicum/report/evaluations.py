"""The evaluations of a verdict, grouped by what they looked at, with what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic_core import to_json

from practicum.bus.events import Json
from practicum.report.naming import place_of
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.verdict import Verdict
from practicum.trajectory.reader import Recorded

_SHORT = 60
"""A detail that is no longer stands beside its name; a longer one is folded."""

_MOST_EVENTS = 12
"""Of one evaluation, that are linked to."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One evaluation."""

    item: Evaluated
    summary: str
    """Without why it is weak, which stands by itself."""
    events: list[int]
    """The numbers of the first dozen events that it rests on."""
    facts: list[tuple[str, str]]
    """Short details: name and value."""
    blocks: list[tuple[str, str]]
    """Long ones, to be folded: what a judge was asked, what it answered."""


@dataclass(slots=True)
class Group:
    """Those that looked at the same step, the same turn, or the whole run."""

    title: str
    link: str
    """The id of the step or turn on the page; empty for the whole run."""
    shown: list[Shown] = field(default_factory=list)


def grouped(verdict: Verdict, recorded: Sequence[Recorded]) -> list[Group]:
    """In the order in which they were looked at."""
    numbers = {item.event.id: item.seq for item in recorded}
    names = {step.index: step.name for step in verdict.steps}
    known = {f"step-{step.index}" for step in verdict.steps}
    known |= {f"turn-{step.index}-{turn.turn}" for step in verdict.steps for turn in step.turns}
    groups: dict[tuple[int | None, int | None], Group] = {}
    for item in verdict.evaluations:
        link = f"step-{item.step}" if item.turn is None else f"turn-{item.step}-{item.turn}"
        title = place_of(item, names) or "the whole run"
        group = groups.setdefault((item.step, item.turn), Group(title, link if link in known else ""))
        facts, blocks = split(item.details)
        events = [numbers[one] for one in item.evidence if one in numbers][:_MOST_EVENTS]
        group.shown.append(Shown(item, item.summary.removesuffix(f" ({item.weak})"), events, facts, blocks))
    return list(groups.values())


def split(details: Mapping[str, Json]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """An evaluation's details as short facts and long blocks; texts as they are, so that they can be read."""
    facts: list[tuple[str, str]] = []
    blocks: list[tuple[str, str]] = []
    for name, value in details.items():
        _take(name.replace("_", " "), value, facts, blocks)
    return facts, blocks


def _take(name: str, value: Json, facts: list[tuple[str, str]], blocks: list[tuple[str, str]]) -> None:
    if value is None or value == "" or value == [] or value == {}:
        return
    if isinstance(value, str):
        (facts if len(value) <= _SHORT and "\n" not in value else blocks).append((name, value))
        return
    short, lines = to_json(value).decode(), _holds_lines(value)
    if len(short) <= _SHORT and not lines:
        facts.append((name, short))
    elif isinstance(value, list) and any(isinstance(one, str | dict) for one in value):
        for number, one in enumerate(value, 1):
            _take(f"{name} {number}", one, facts, blocks)
    elif isinstance(value, dict) and lines:
        for key, one in value.items():
            _take(f"{name} {key}", one, facts, blocks)
    else:
        blocks.append((name, to_json(value, indent=1).decode()))


def _holds_lines(value: Json) -> bool:
    """Whether some text in it has several lines, which JSON would put in one."""
    if isinstance(value, str):
        return "\n" in value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_lines(one) for one in parts)
