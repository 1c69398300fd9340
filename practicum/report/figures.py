"""The plots of an overview; each with its heading, for every format that can draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from practicum.report.amounts import seconds, usd
from practicum.report.overview import Names, Overview
from practicum.report.plots import Bar, Cell, Drawing, curve, rates, spread, strip
from practicum.scenarios.statistics import Group, shown

_MOST_BARS = 60
"""Of one plot; the rest stands in the table."""

INTERVAL = "bar: passed of those that passed or failed; line: where the true rate lies, 95 % by Wilson"


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot and what to know about it."""

    heading: str
    drawing: Drawing
    note: str = ""


def figures(found: Overview, links: Mapping[str, str] | None = None) -> list[Figure]:
    """The plots that these runs have something for. `links` are the pages of runs."""
    made = [Figure("Every run", _strip(found, links or {}), "one square a run: passed, failed, or said nothing")]
    if len(found.summary.cases) > 1:
        made.append(Figure("Success by case", _cases(found), INTERVAL))
    names = list(dict.fromkeys(item.parameter for item in found.summary.by_parameter))
    made += [Figure(f"Success by {name}", _parameter(found, name), INTERVAL) for name in names]
    points = [(item.k, item.pass_at_k, item.pass_hat_k) for item in found.summary.overall.at_k]
    if len(points) > 1:
        made.append(Figure("With more trials", curve(points, "Chances with k trials"), "k trials; means over cases"))
    if len(found.rows) > 1:
        made.append(Figure("Durations", _spread(found, "seconds", "Duration of runs", seconds)))
        if any(row.cost_usd for row in found.rows):
            made.append(Figure("Cost", _spread(found, "cost_usd", "Cost of runs", usd)))
    return made


def _strip(found: Overview, links: Mapping[str, str]) -> Drawing:
    name = Names(found.rows)
    rows: dict[str, list[Cell]] = {}
    for row in found.rows:
        tip = f"{name(row)}, trial {row.trial}: {row.outcome}. {row.reason}"
        rows.setdefault(name(row), []).append(Cell(row.outcome, tip, links.get(row.run, "")))
    return strip(rows, "Outcome of every run")


def _cases(found: Overview) -> Drawing:
    name = Names(found.rows)
    bars = [_bar(name(case), case) for case in found.summary.cases[:_MOST_BARS]]
    return rates(bars, "Success rate of each case")


def _parameter(found: Overview, name: str) -> Drawing:
    items = [item for item in found.summary.by_parameter if item.parameter == name]
    bars = [_bar(" ".join(shown(item.value).split()), item) for item in items[:_MOST_BARS]]
    return rates(bars, f"Success rate by {name}")


def _bar(name: str, group: Group) -> Bar:
    return Bar(name, group.outcomes.passed, group.outcomes.counted, group.interval.low, group.interval.high)


def _spread(found: Overview, key: str, heading: str, written: Callable[[float], str]) -> Drawing:
    return spread([(getattr(row, key), row.outcome) for row in found.rows], heading, written)
