"""Statistics of many runs: plain mathematics, nothing is started and nothing is read."""

from __future__ import annotations

from practicum.scenarios.statistics.comparison import (
    POWER,
    SIGNIFICANCE,
    CaseComparison,
    Change,
    Comparison,
    Pairs,
    compare,
)
from practicum.scenarios.statistics.means import Mean, mean_of, student
from practicum.scenarios.statistics.paired import detectable_difference, mcnemar_exact, paired_difference, power
from practicum.scenarios.statistics.rates import Interval, agreement, pass_at_k, pass_hat_k, wilson
from practicum.scenarios.statistics.rows import Row, Tally, label, shown, tally
from practicum.scenarios.statistics.summary import (
    AtK,
    CaseSummary,
    Group,
    Measured,
    ParameterSummary,
    Summary,
    summarise,
)

__all__ = [
    "POWER",
    "SIGNIFICANCE",
    "AtK",
    "CaseComparison",
    "CaseSummary",
    "Change",
    "Comparison",
    "Group",
    "Interval",
    "Mean",
    "Measured",
    "Pairs",
    "ParameterSummary",
    "Row",
    "Summary",
    "Tally",
    "agreement",
    "compare",
    "detectable_difference",
    "label",
    "mcnemar_exact",
    "mean_of",
    "paired_difference",
    "pass_at_k",
    "pass_hat_k",
    "power",
    "shown",
    "student",
    "summarise",
    "tally",
    "wilson",
]
