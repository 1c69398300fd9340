"""Many runs as one page: no network, no script, plots drawn into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from practicum.report.figures import figures
from practicum.report.overview import Names, Overview
from practicum.report.plots import svg
from practicum.report.templates import fill
from practicum.report.words import apart, sentence

_MOST = 2000
"""Rows of a table."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    heading: str
    svg: object
    note: str


def overview_page(found: Overview, links: Mapping[str, str] | None = None) -> str:
    """The page as text. `links` are the pages of runs, relative to where this one will lie."""
    from markupsafe import Markup

    links = {row.run: (links or {}).get(row.run, "") for row in found.rows}
    name_of = Names(found.rows)
    for_all = [item.k for item in found.summary.overall.at_k if item.k > 1 and item.cases == len(found.summary.cases)]
    return fill(
        "overview",
        title=found.title,
        started=found.started,
        sentence=sentence(found.summary),
        apart=apart(found.summary),
        summary=found.summary,
        cases=[(name_of(case), case) for case in found.summary.cases],
        flaky="; ".join(name_of(case) for case in found.summary.cases if case.flaky),
        shown_k=for_all[-1:],
        figures=[_Drawn(one.heading, Markup(svg(one.drawing)), one.note) for one in figures(found, links)],
        evaluations=found.evaluations,
        many_scenarios=len({row.scenario for row in found.rows}) > 1,
        rows=found.rows,
        links=links,
        name_of=name_of,
        most=_MOST,
    )
