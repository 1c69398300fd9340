"""What many runs come to, in a sentence or two."""

from __future__ import annotations

from practicum.report.amounts import percent
from practicum.scenarios.statistics import Summary

_APART = ("inconclusive", "limit", "infrastructure", "cancelled")


def sentence(summary: Summary) -> str:
    """`14 of 20 passed: 70 %, and the true rate between 48 % and 86 %`."""
    outcomes, interval = summary.overall.outcomes, summary.overall.interval
    if not outcomes.counted:
        return "no run came to a verdict"
    reach = f"{percent(interval.low)} to {percent(interval.high)}"
    return f"{outcomes.passed} of {outcomes.counted} passed, {percent(summary.overall.rate)} ({reach})"


def apart(summary: Summary) -> str:
    """Which runs stand apart, and what the rate means."""
    outcomes = summary.overall.outcomes
    told = [f"{count} {name}" for name in _APART if (count := getattr(outcomes, name))]
    meant = "The rate is that of runs which passed or failed; the interval is Wilson's, 95 %."
    if not told:
        return meant
    verb = "is" if outcomes.apart == 1 else "are"
    return f"{meant} Apart from it {verb} {', '.join(told)}: these say nothing about the team."
