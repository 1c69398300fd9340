"""Swim lanes: agents as rows over time, turns as bars, messages and hand-offs as arrows, waiting shown as waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from practicum.bus.event import Event
from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentWoke,
    ExchangeCompleted,
    JobFinished,
    JobStarted,
    MessagePosted,
    ToolCalled,
    WorldChanged,
)
from practicum.text import printable
from practicum.trajectory.reader import Recorded

WIDTH = 1120
LABEL = 110
ROW = 34
TOP = 28

_MOST_ARROWS = 1500
_MOST_BARS = 3000
"""Of one row. More than that cannot be told apart on a page; the trajectory holds all."""


@dataclass
class Bar:
    """A stretch of time in a row."""

    start: float
    end: float
    title: str
    kind: str
    """`turn`, `wait` or `job`, `bad`."""
    seq: int


@dataclass
class Arrow:
    """Something handed from one row to another."""

    at: float
    source: str
    target: str
    title: str
    seq: int


@dataclass
class Lanes:
    """Everything that is drawn."""

    rows: list[str]
    end: float
    bars: dict[str, list[Bar]] = field(default_factory=dict)
    ticks: dict[str, list[float]] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)


def collect(recorded: Sequence[Recorded], team: Sequence[str]) -> Lanes:
    """Fold a run's events into lanes; times in seconds from the first event."""
    if not recorded:
        return Lanes(list(team), 0.1, {row: [] for row in team}, {row: [] for row in team})
    start = recorded[0].event.time
    last = max(item.event.time for item in recorded)
    lanes = Lanes(list(dict.fromkeys([*team, "checks", "deploy"])), max((last - start).total_seconds(), 0.1))
    lanes.bars = {row: [] for row in lanes.rows}
    lanes.ticks = {row: [] for row in lanes.rows}
    woke: dict[str, Recorded] = {}
    idle: dict[str, tuple[float, str, int]] = {}
    jobs: dict[str, Recorded] = {}
    for item in recorded:
        at = _at(item.event, start)
        body, source = item.event.body, item.event.source
        if isinstance(body, AgentWoke) and source in lanes.bars:
            woke[source] = item
            since = idle.pop(source, None)
            if since is not None and since[1]:
                lanes.bars[source].append(Bar(since[0], at, f"waits for {since[1]}", "wait", since[2]))
        elif isinstance(body, AgentIdled) and source in woke:
            begun = woke.pop(source)
            lanes.bars[source].append(Bar(_at(begun.event, start), at, f"turn {body.turn}", "turn", begun.seq))
            idle[source] = (at, "" if body.done else body.waiting_for or "something to do", item.seq)
        elif isinstance(body, AgentFailed) and source in lanes.bars:
            begun = woke.pop(source, item)
            lanes.bars[source].append(Bar(_at(begun.event, start), at, f"failed: {body.error}", "bad", item.seq))
        elif isinstance(body, ToolCalled) and source in lanes.ticks:
            lanes.ticks[source].append(at)
        elif isinstance(body, JobStarted) and body.kind in ("check", "deployment"):
            jobs[body.job] = item
        elif isinstance(body, JobFinished) and body.job in jobs:
            begun = jobs.pop(body.job)
            row = "checks" if body.kind == "check" else "deploy"
            word = "passed" if body.ok else "failed"
            bar = Bar(_at(begun.event, start), at, f"{body.name} {word}", "job" if body.ok else "bad", item.seq)
            lanes.bars[row].append(bar)
        arrow = _arrow(item, at, team)
        if arrow is not None:
            lanes.arrows.append(arrow)
    for source, begun in woke.items():
        lanes.bars[source].append(Bar(_at(begun.event, start), lanes.end, "turn, not ended", "turn", begun.seq))
    for source, (begin, waiting, seq) in idle.items():
        if waiting:
            lanes.bars[source].append(Bar(begin, lanes.end, f"waits for {waiting}", "wait", seq))
    lanes.rows = [row for row in lanes.rows if row in team or lanes.bars[row]]
    return lanes


def _at(event: Event, start: datetime) -> float:
    return max((event.time - start).total_seconds(), 0.0)  # clocks of processes differ by a little


def _arrow(item: Recorded, at: float, team: Sequence[str]) -> Arrow | None:
    body, source = item.event.body, item.event.source
    if isinstance(body, MessagePosted):
        kind, _, target = body.to.partition(".")
        if kind != "agent" or target not in team:  # a channel may have an agent's name
            return None
        return Arrow(at, source, target, f"{source} to {target}: {body.text}", item.seq)
    if not isinstance(body, WorldChanged) or body.actor not in team:
        return None
    facts: Mapping[str, Any] = body.facts
    target = ""
    if body.change == "github.issue.assigned":
        target = str(facts.get("assignee") or "")
    elif body.change == "github.review.submitted":
        target = str(facts.get("pull_request_author") or facts.get("author") or "")
    elif body.change == "github.pull_request.review_requested":
        target = str(facts.get("requested_reviewer") or facts.get("reviewer") or "")
    if target not in team or target == body.actor:
        return None
    return Arrow(at, body.actor, target, f"{body.change} {body.resource}", item.seq)


def linked(lanes: Lanes) -> set[int]:
    """The numbers of the events that the drawing links to."""
    bars = (bar.seq for row in lanes.rows for bar in lanes.bars.get(row, [])[:_MOST_BARS] if bar.kind != "wait")
    return {*bars, *(arrow.seq for arrow in lanes.arrows[:_MOST_ARROWS])}


def draw(lanes: Lanes) -> str:
    """The lanes as an inline SVG. All text in it is escaped."""
    scale = (WIDTH - LABEL - 12) / lanes.end
    height = TOP + ROW * len(lanes.rows) + 10

    def x(at: float) -> float:
        return round(LABEL + at * scale, 1)

    def y(row: str) -> float:
        return TOP + ROW * lanes.rows.index(row) + ROW / 2

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Who did what when" class="lanes">',
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto">'
        '<path d="M0 0L6 3L0 6z" class="tip"/></marker></defs>',
    ]
    step = _step(lanes.end)
    tick = 0.0
    while tick <= lanes.end:
        parts.append(f'<line x1="{x(tick)}" y1="{TOP - 6}" x2="{x(tick)}" y2="{height - 8}" class="grid"/>')
        parts.append(f'<text x="{x(tick)}" y="14" class="time">{tick:g} s</text>')
        tick += step
    for row in lanes.rows:
        parts.append(f'<text x="{LABEL - 10}" y="{y(row) + 4}" class="who">{escape(printable(row, 24))}</text>')
        parts.append(f'<line x1="{LABEL}" y1="{y(row)}" x2="{WIDTH - 12}" y2="{y(row)}" class="row"/>')
        for bar in lanes.bars.get(row, [])[:_MOST_BARS]:
            width = max(x(bar.end) - x(bar.start), 1.5)
            title = f"<title>{escape(printable(bar.title, 300))} ({bar.end - bar.start:.2f} s)</title>"
            if bar.kind == "wait":
                ends = f'x1="{x(bar.start)}" y1="{y(row)}" x2="{x(bar.end)}" y2="{y(row)}"'
                parts.append(f'<line {ends} class="wait">{title}</line>')
            else:
                parts.append(
                    f'<a href="#event-{bar.seq}"><rect x="{x(bar.start)}" y="{y(row) - 8}" width="{width:.1f}" '
                    f'height="16" rx="2" class="{bar.kind}">{title}</rect></a>'
                )
        for place in sorted({round(x(at)) for at in lanes.ticks.get(row, [])}):
            parts.append(f'<line x1="{place}" y1="{y(row) - 5}" x2="{place}" y2="{y(row) + 5}" class="call"/>')
    for arrow in lanes.arrows[:_MOST_ARROWS]:
        if arrow.source in lanes.rows and arrow.target in lanes.rows:
            down = 9 if y(arrow.target) > y(arrow.source) else -9
            parts.append(
                f'<a href="#event-{arrow.seq}"><path d="M{x(arrow.at)} {y(arrow.source) + down} '
                f'L{x(arrow.at) + 5} {y(arrow.target) - down}" class="hand" marker-end="url(#tip)">'
                f"<title>{escape(printable(arrow.title, 300))}</title></path></a>"
            )
    parts.append("</svg>")
    return "".join(parts)


def _step(end: float) -> float:
    """A round distance between time marks, about ten of them."""
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600):
        if end / step <= 12:
            return step
    return end / 10


def refused(recorded: Sequence[Recorded]) -> list[Recorded]:
    """The calls that the proctor refused."""
    return [item for item in recorded if isinstance(item.event.body, ExchangeCompleted) and item.event.body.refused]
