"""What many runs come to, on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from practicum.bus.events import Json
from practicum.cli.running import paint, say
from practicum.runtime.suite import SuiteFolder, SuiteResult, duration
from practicum.scenarios.statistics import CaseSummary, Group, Mean, Row, Tally, label, shown
from practicum.text import printable

WORDS = {"passed": "green", "failed": "red"}
"""Outcome to colour; yellow for the others."""

_MOST_REASONS = 10
_MOST_CASES = 60


def print_summary(result: SuiteResult, folder: SuiteFolder | None = None, say: Callable[[str], None] = say) -> None:
    """What came of many runs: the rate with its interval, each case, each parameter, what is flaky, what broke."""
    overall, outcomes = result.summary.overall, result.summary.overall.outcomes
    say("")
    word = _verdict_word(result)
    head = paint(word.upper(), WORDS.get(word, "yellow"), "bold")
    say(f"{head}  {outcomes.passed} of {outcomes.counted} passed{_rate(overall)}   in {duration(result.seconds)}")
    if result.stopped:
        here = f"{printable(result.stopped)}; {len(result.rows)} of {result.planned} runs are here"
        say(f"  {paint(here, 'yellow')}")
    if outcomes.apart:
        say(f"  apart, in no rate: {_apart(outcomes)}")
    if at := [item for item in overall.at_k if item.k > 1]:
        first = overall.at_k[0]
        parts = [f"pass@1 {first.pass_at_k:.2f}"]
        parts += [f"pass@{item.k} {item.pass_at_k:.2f}  pass^{item.k} {item.pass_hat_k:.2f}" for item in at[-3:]]
        say(f"  {'   '.join(parts)}")
    cases = result.summary.cases
    _print_table(say, list(zip(_case_names(cases), cases, strict=True))[:_MOST_CASES])
    if len(cases) > _MOST_CASES:
        say(f"  and {len(cases) - _MOST_CASES} others, in suite.json")
    if len(result.axes) > 1:
        for name in result.axes:
            rows = [item for item in result.summary.by_parameter if item.parameter == name]
            _print_table(say, [(f"{name}={shown(item.value)}", item) for item in rows])
    for case in result.summary.flaky:
        say(f"  {paint('flaky', 'yellow')}  {printable(case, 100)}")
    _print_reasons(say, result.rows)
    if took := _took(result):
        say(f"  {took}")
    if folder is not None:
        say(f"results  {_short(folder.result)}")
        say(f"next     practicum report {result.suite}     practicum compare {result.suite} OTHER")


def _verdict_word(result: SuiteResult) -> str:
    if not result.complete:
        return "stopped"
    outcomes = result.summary.overall.outcomes
    if outcomes.failed:
        return "failed"
    return "passed" if outcomes.passed == len(result.rows) else "inconclusive"


def _rate(group: Group) -> str:
    if group.rate is None:
        return ""
    low, high = group.interval.low, group.interval.high
    return f"   {group.rate:.0%} ({group.interval.confidence:.0%} interval {low:.0%} to {high:.0%})"


def _apart(outcomes: Tally) -> str:
    names = ("inconclusive", "limit", "infrastructure", "cancelled")
    return ", ".join(f"{count} {name}" for name in names if (count := getattr(outcomes, name)))


def short_label(scenario: str, parameters: Mapping[str, Json], width: int = 40) -> str:
    """A scenario with its parameters, by the ends of their paths; the parameters alone where the scenario is empty."""
    if not parameters:
        return scenario
    from practicum.scenarios.matrix.path import short_paths

    names = short_paths(parameters)
    return f"{scenario}  {label({names[path]: value for path, value in parameters.items()}, width)}".strip()


def _case_names(cases: list[CaseSummary]) -> list[str]:
    """What tells them apart: parameters, and the scenario where there are several."""
    several = len({case.scenario for case in cases}) > 1 or any(not case.parameters for case in cases)
    return [short_label(case.scenario if several else "", case.parameters) for case in cases]


def _print_table(say: Callable[[str], None], rows: Sequence[tuple[str, Group]]) -> None:
    """Name, passed of counted, rate, interval; nothing for a single row, the sum has said it."""
    if len(rows) < 2:
        return
    say("")
    names = [printable(name, 100) for name, _ in rows]
    width = max(map(len, names))
    for name, (_, group) in zip(names, rows, strict=True):
        tally = group.outcomes
        apart = f"   apart: {_apart(tally)}" if tally.apart else ""
        say(f"  {name:<{width}}  {tally.passed:>4} of {tally.counted:<4}{_rate(group)}{apart}")


def _print_reasons(say: Callable[[str], None], rows: list[Row]) -> None:
    """Why runs did not pass, the most frequent first."""
    reasons: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.outcome != "passed":
            reasons.setdefault((row.outcome, row.reason), []).append(row)
    if not reasons:
        return
    say("")
    for (outcome, reason), members in sorted(reasons.items(), key=lambda item: -len(item[1]))[:_MOST_REASONS]:
        word = paint(f"{outcome:<16}", WORDS.get(outcome, "yellow"))
        run = next((row.run for row in members if row.run), "")
        say(f"  {len(members):>4} x {word}{printable(reason, 110)}{f'   such as {printable(run)}' if run else ''}")
    if len(reasons) > _MOST_REASONS:
        say(f"  and {len(reasons) - _MOST_REASONS} other reasons")


def _took(result: SuiteResult) -> str:
    overall, parts = result.summary.overall, []
    if overall.seconds is not None:
        parts.append(f"a run took {_mean(overall.seconds, duration)}")
    if overall.tokens is not None and result.summary.total_tokens:
        parts.append(f"{_mean(overall.tokens, '{:,.0f}'.format)} tokens")
    if overall.cost_usd is not None and result.summary.total_cost_usd:
        parts.append(f"${_mean(overall.cost_usd, '{:.4f}'.format)}; all ${result.summary.total_cost_usd:.2f}")
    return "   ".join(parts)


def _mean(mean: Mean, written: Callable[[float], str]) -> str:
    text = written(mean.mean)
    if mean.low is None or mean.high is None:
        return text
    return f"{text} ({written(max(0.0, mean.low))} to {written(mean.high)})"


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
