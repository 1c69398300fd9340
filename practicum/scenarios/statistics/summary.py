"""What many runs come to: rates with intervals, pass@k and pass^k, what is flaky, what it took."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import BaseModel

from practicum.bus.events import Json
from practicum.scenarios.statistics.means import Mean, mean_of
from practicum.scenarios.statistics.rates import Interval, agreement, pass_at_k, pass_hat_k, wilson
from practicum.scenarios.statistics.rows import Case, Row, Tally, case_of, label, tally

_SHOWN_K = (1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100)


class AtK(BaseModel):
    """Chances with k trials."""

    k: int
    pass_at_k: float
    """That at least one passes."""
    pass_hat_k: float
    """That all pass."""
    cases: int
    """How many cases had k trials that count; the two values are the means over these."""


class Group(BaseModel):
    """Some runs together."""

    outcomes: Tally
    rate: float | None
    """Passed of counted; None when none counts."""
    interval: Interval
    """Of the rate, by Wilson."""


class Measured(Group):
    """Some runs together, and what they took. Means are over the runs that count, totals over all."""

    at_k: list[AtK] = []
    agreement: float | None = None
    """How likely two trials of the same case end alike; None without a second trial."""
    seconds: Mean | None = None
    cost_usd: Mean | None = None
    tokens: Mean | None = None


class CaseSummary(Measured):
    """The trials of one scenario with one set of parameters."""

    scenario: str
    file: str = ""
    parameters: dict[str, Json] = {}
    flaky: bool = False
    """Passed and failed."""


class ParameterSummary(Group):
    """All runs in which a parameter had a value."""

    parameter: str
    value: Json


class Summary(BaseModel):
    """What many runs come to."""

    overall: Measured
    cases: list[CaseSummary] = []
    by_parameter: list[ParameterSummary] = []
    flaky: list[str] = []
    """Cases that passed and failed, as text."""
    total_cost_usd: float = 0.0
    total_tokens: int = 0
    total_seconds: float = 0.0
    """Of all runs, one after the other."""


def summarise(rows: Sequence[Row], confidence: float = 0.95) -> Summary:
    """What the runs come to.

    Outcomes other than passed and failed are counted and told, and are in no denominator. The overall rate takes every
    trial as one draw; its interval speaks of these scenarios, not of others like them. The overall pass@k, pass^k and
    agreement are means over the cases.

    Raises:
        ValueError: a confidence that is not between 0 and 1.
    """
    groups: dict[Case, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.case, []).append(row)
    cases = [_case(group, confidence) for group in groups.values()]
    alike = [item.agreement for item in cases if item.agreement is not None]
    overall = _measured(rows, confidence)
    overall.at_k = _at_k([item.outcomes for item in cases])
    overall.agreement = math.fsum(alike) / len(alike) if alike else None
    return Summary(
        overall=overall,
        cases=cases,
        by_parameter=_by_parameter(rows, confidence),
        flaky=[f"{case.scenario} {label(case.parameters)}".strip() for case in cases if case.flaky],
        total_cost_usd=round(math.fsum(row.cost_usd for row in rows), 6),
        total_tokens=sum(row.tokens for row in rows),
        total_seconds=round(math.fsum(row.seconds for row in rows), 3),
    )


def _case(rows: list[Row], confidence: float) -> CaseSummary:
    first, found = rows[0], _measured(rows, confidence)
    found.at_k = _at_k([found.outcomes])
    found.agreement = agreement(found.outcomes.counted, found.outcomes.passed)
    return CaseSummary(
        scenario=first.scenario,
        file=first.file,
        parameters=first.parameters,
        flaky=found.outcomes.flaky,
        **vars(found),
    )


def _group(rows: Sequence[Row], confidence: float) -> Group:
    outcomes = tally(rows)
    return Group(
        outcomes=outcomes,
        rate=outcomes.passed / outcomes.counted if outcomes.counted else None,
        interval=wilson(outcomes.passed, outcomes.counted, confidence),
    )


def _measured(rows: Sequence[Row], confidence: float) -> Measured:
    counted = [row for row in rows if row.counts]
    return Measured(
        seconds=mean_of([row.seconds for row in counted], confidence),
        cost_usd=mean_of([row.cost_usd for row in counted], confidence),
        tokens=mean_of([row.tokens for row in counted], confidence),
        **vars(_group(rows, confidence)),
    )


def _at_k(cases: Sequence[Tally]) -> list[AtK]:
    most = max((case.counted for case in cases), default=0)
    found = []
    for k in sorted({*(k for k in _SHOWN_K if k <= most), *([most] if most else [])}):
        enough = [(case.counted, case.passed) for case in cases if case.counted >= k]
        found.append(
            AtK(
                k=k,
                pass_at_k=math.fsum(pass_at_k(n, c, k) for n, c in enough) / len(enough),
                pass_hat_k=math.fsum(pass_hat_k(n, c, k) for n, c in enough) / len(enough),
                cases=len(enough),
            )
        )
    return found


def _by_parameter(rows: Sequence[Row], confidence: float) -> list[ParameterSummary]:
    """Parameters and their values, each in the order in which it first comes."""
    names = list(dict.fromkeys(name for row in rows for name in row.parameters))
    found = []
    for name in names:
        groups: dict[Case, list[Row]] = {}
        for row in rows:
            if name in row.parameters:
                # As JSON, which tells true from 1 and 1 from "1".
                groups.setdefault(case_of("", {name: row.parameters[name]}), []).append(row)
        found += [
            ParameterSummary(parameter=name, value=members[0].parameters[name], **vars(_group(members, confidence)))
            for members in groups.values()
        ]
    return found
