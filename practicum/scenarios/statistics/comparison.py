"""Comparing two sets of runs, trial by trial."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pydantic import BaseModel

from practicum.bus.events import Json
from practicum.scenarios.statistics.means import Mean, mean_of
from practicum.scenarios.statistics.paired import detectable_difference, mcnemar_exact, paired_difference
from practicum.scenarios.statistics.rates import Interval
from practicum.scenarios.statistics.rows import Case, Row, Tally, case_of, label, tally

SIGNIFICANCE = 0.05
"""The p below which a difference is called one."""

POWER = 0.8
"""How likely a detectable difference is found."""


class Pairs(BaseModel):
    """Matched trials of which both sides count, by who passed."""

    both: int = 0
    only_a: int = 0
    only_b: int = 0
    neither: int = 0

    @property
    def n(self) -> int:
        """How many there are."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def difference(self) -> float | None:
        """The rate of B minus that of A; None without pairs."""
        return (self.only_b - self.only_a) / self.n if self.n else None


class Change(BaseModel):
    """What was measured on both sides of the pairs, and the mean of B minus A with its interval."""

    a: float
    b: float
    difference: Mean


class CaseComparison(BaseModel):
    """The two sides of one scenario with one set of parameters."""

    scenario: str
    parameters: dict[str, Json] = {}
    a: Tally
    b: Tally
    pairs: Pairs
    difference: float | None
    p: float


class Comparison(BaseModel):
    """Two sets of runs."""

    a: str
    """How the first is named."""
    b: str
    outcomes_a: Tally
    """Of all its runs, matched or not."""
    outcomes_b: Tally
    pairs: Pairs
    not_counted: int
    """Matched trials of which one side or both ended in a way that says nothing about the team."""
    unmatched_a: int
    """Runs without a counterpart on the other side: these are compared with nothing."""
    unmatched_b: int
    rate_a: float | None
    """Of the pairs."""
    rate_b: float | None
    difference: float | None
    """B minus A."""
    interval: Interval
    """Of the difference, by Tango's score method."""
    p: float
    """McNemar's exact test, two-sided."""
    significant: bool
    """p is below 0.05."""
    detectable: float | None
    """The smallest difference that so many pairs show with 80 % probability; None when they are too few for any."""
    agreement: float | None
    """The share of pairs that ended alike."""
    kappa: float | None
    """Cohen's kappa: agreement beyond that of chance; None where chance alone explains all."""
    cases: list[CaseComparison] = []
    flaky_a: list[str] = []
    """Cases of A that passed and failed."""
    flaky_b: list[str] = []
    seconds: Change | None = None
    """Of the pairs, as are cost and tokens."""
    cost_usd: Change | None = None
    tokens: Change | None = None

    @property
    def worse(self) -> bool:
        """B passes less often, and that is no chance."""
        return self.significant and self.difference is not None and self.difference < 0


def compare(
    a: Sequence[Row],
    b: Sequence[Row],
    *,
    name_a: str = "a",
    name_b: str = "b",
    without: Iterable[str] = (),
    confidence: float = 0.95,
) -> Comparison:
    """Match the trials of two sets by scenario, parameters and trial, and compare them.

    `without` names parameters that do not tell cases apart, because the sides differ in them. Trials of a case that
    have the same number are numbered anew, in their order.

    Raises:
        ValueError: a confidence that is not between 0 and 1.
    """
    ignored = frozenset(without)
    left, right = _numbered(a, ignored), _numbered(b, ignored)
    matched = [(left[key], right[key]) for key in left if key in right]
    counted = [(one, other) for one, other in matched if one.counts and other.counts]
    pairs = _pairs(counted)
    differing = (pairs.only_a + pairs.only_b) / pairs.n if pairs.n else 0.0
    p = mcnemar_exact(pairs.only_a, pairs.only_b)
    return Comparison(
        a=name_a,
        b=name_b,
        outcomes_a=tally(a),
        outcomes_b=tally(b),
        pairs=pairs,
        not_counted=len(matched) - len(counted),
        unmatched_a=len(left) - len(matched),
        unmatched_b=len(right) - len(matched),
        rate_a=(pairs.both + pairs.only_a) / pairs.n if pairs.n else None,
        rate_b=(pairs.both + pairs.only_b) / pairs.n if pairs.n else None,
        difference=pairs.difference,
        interval=paired_difference(pairs.only_a, pairs.only_b, pairs.n, confidence),
        p=p,
        significant=p < SIGNIFICANCE,
        detectable=detectable_difference(pairs.n, differing, POWER, SIGNIFICANCE),
        agreement=1 - differing if pairs.n else None,
        kappa=_kappa(pairs),
        cases=_cases(a, b, counted, ignored),
        flaky_a=_flaky(a),
        flaky_b=_flaky(b),
        seconds=_change([(one.seconds, other.seconds) for one, other in counted], confidence),
        cost_usd=_change([(one.cost_usd, other.cost_usd) for one, other in counted], confidence),
        tokens=_change([(one.tokens, other.tokens) for one, other in counted], confidence),
    )


def _numbered(rows: Iterable[Row], ignored: frozenset[str]) -> dict[tuple[Case, int], Row]:
    found: dict[tuple[Case, int], Row] = {}
    for group in _grouped(rows, ignored).values():
        once = len({row.trial for row in group}) == len(group)
        for place, row in enumerate(group, 1):
            found[case_of(row.scenario, row.parameters, ignored), row.trial if once else place] = row
    return found


def _grouped(rows: Iterable[Row], ignored: frozenset[str]) -> dict[Case, list[Row]]:
    groups: dict[Case, list[Row]] = {}
    for row in rows:
        groups.setdefault(case_of(row.scenario, row.parameters, ignored), []).append(row)
    return groups


def _pairs(counted: Iterable[tuple[Row, Row]]) -> Pairs:
    found = Pairs()
    for one, other in counted:
        match one.outcome == "passed", other.outcome == "passed":
            case True, True:
                found.both += 1
            case True, False:
                found.only_a += 1
            case False, True:
                found.only_b += 1
            case _:
                found.neither += 1
    return found


def _kappa(pairs: Pairs) -> float | None:
    """Source: Cohen, A coefficient of agreement for nominal scales, 1960."""
    if not pairs.n:
        return None
    rate_a, rate_b = (pairs.both + pairs.only_a) / pairs.n, (pairs.both + pairs.only_b) / pairs.n
    chance = rate_a * rate_b + (1 - rate_a) * (1 - rate_b)
    if math.isclose(chance, 1.0):
        return None
    return ((pairs.both + pairs.neither) / pairs.n - chance) / (1 - chance)


def _cases(
    a: Sequence[Row], b: Sequence[Row], counted: Sequence[tuple[Row, Row]], ignored: frozenset[str]
) -> list[CaseComparison]:
    left, right = _grouped(a, ignored), _grouped(b, ignored)
    paired: dict[Case, list[tuple[Row, Row]]] = {}
    for one, other in counted:
        paired.setdefault(case_of(one.scenario, one.parameters, ignored), []).append((one, other))
    found = []
    for case in dict.fromkeys([*left, *right]):
        first = (left.get(case) or right[case])[0]
        pairs = _pairs(paired.get(case, ()))
        found.append(
            CaseComparison(
                scenario=first.scenario,
                parameters={name: value for name, value in first.parameters.items() if name not in ignored},
                a=tally(left.get(case, ())),
                b=tally(right.get(case, ())),
                pairs=pairs,
                difference=pairs.difference,
                p=mcnemar_exact(pairs.only_a, pairs.only_b),
            )
        )
    return found


def _flaky(rows: Iterable[Row]) -> list[str]:
    return [
        f"{group[0].scenario} {label(group[0].parameters)}".strip()
        for group in _grouped(rows, frozenset()).values()
        if tally(group).flaky
    ]


def _change(values: Sequence[tuple[float, float]], confidence: float) -> Change | None:
    difference = mean_of([other - one for one, other in values], confidence)
    if difference is None:
        return None
    return Change(
        a=math.fsum(one for one, _ in values) / len(values),
        b=math.fsum(other for _, other in values) / len(values),
        difference=difference,
    )
