"""What a command over many runs shows: a line for each that has ended, how far it is, what they come to."""

from __future__ import annotations

import sys

from practicum import __version__
from practicum.cli.running import paint, say
from practicum.runtime.suite import Progress, SuiteFolder, SuiteResult, Trial, duration
from practicum.scenarios.statistics import Row
from practicum.scenarios.statistics.summary import CaseSummary
from practicum.text import printable

_WORDS = {"passed": "green", "failed": "red"}
_MOST_LINES = 40
"""Passed runs that get a line of their own off a terminal; with more, only those that did not pass do."""


class SuiteConsole:
    """Writes on stdout; on a terminal the last line tells how far it is."""

    def __init__(self, total: int, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet, self._verbose = quiet, verbose
        self._progress = Progress(total)
        self._live = sys.stdout.isatty() and not quiet

    def header(self, name: str, folder: SuiteFolder) -> None:
        """The first lines, before anything has started."""
        if not self._quiet:
            say(f"practicum {__version__}  {paint(printable(name), 'bold')}  {self._progress.total} runs")
            say(f"suite {folder.suite}\n")

    def started(self, trial: Trial) -> None:
        """A run begins."""
        self._progress.started(trial)
        self._draw()

    def ended(self, trial: Trial, row: Row) -> None:
        """A run has ended."""
        self._progress.ended(trial, row)
        if self._quiet:
            return
        if row.outcome != "passed" or self._verbose or self._progress.total <= _MOST_LINES:
            self._clear()
            word = paint(f"{row.outcome:<14}", _WORDS.get(row.outcome, "yellow"))
            what = ", ".join(f"{key}={value}" for key, value in row.parameters.items())
            number = f"  trial {row.trial}" if row.trial > 1 else ""
            why = "" if row.outcome == "passed" else f"  {printable(row.reason, 200)}"
            name = f"{printable(row.scenario, 60)}{f'  {what}' if what else ''}{number}"
            say(f"  {word} {duration(row.seconds):>7}  {name}{why}")
        self._draw()

    def summary(self, result: SuiteResult, folder: SuiteFolder) -> None:
        """What the runs come to."""
        self._clear()
        overall = result.summary.overall
        tally = overall.outcomes
        counts = {name: value for name, value in tally.model_dump().items() if value and name in _OUTCOMES}
        words = "   ".join(f"{value} {paint(name, _WORDS.get(name, 'yellow'))}" for name, value in counts.items())
        stopped = f"  STOPPED: {result.stopped}" if not result.complete else ""
        say(f"\n{len(result.rows)} of {result.planned} runs in {duration(result.seconds)}   {words}{stopped}")
        if overall.rate is not None and len(result.rows) > 1:
            low, high = overall.interval.low, overall.interval.high
            say(f"  pass rate {overall.rate:.1%}   95 % interval {low:.1%} to {high:.1%}")
        for case in result.summary.cases if len(result.summary.cases) <= _MOST_LINES else ():
            if line := _case(case):
                say(f"  {line}")
        for name in result.summary.flaky:
            say(f"  {paint('flaky', 'yellow')}  {printable(name)}")
        if result.summary.total_cost_usd:
            say(f"  cost ${result.summary.total_cost_usd:.2f}   tokens {result.summary.total_tokens}")
        say(f"results  {folder.result}")
        say(f"next     practicum report {folder.suite}     practicum runs")

    def _draw(self) -> None:
        if self._live:
            sys.stdout.write(f"\r\x1b[K  {self._progress.line()}")
            sys.stdout.flush()

    def _clear(self) -> None:
        if self._live:
            sys.stdout.write("\r\x1b[K")


_OUTCOMES = ("passed", "failed", "inconclusive", "limit", "infrastructure", "cancelled")


def _case(case: CaseSummary) -> str:
    """One scenario's trials: pass@k and pass^k for the largest k that was run; empty for a single trial."""
    if not case.at_k or case.at_k[-1].k < 2:
        return ""
    last = case.at_k[-1]
    what = ", ".join(f"{key}={value}" for key, value in case.parameters.items())
    name = printable(f"{case.scenario}{f'  {what}' if what else ''}", 80)
    first = f"pass@1 {case.at_k[0].pass_at_k:.3f}"
    return f"{name}:  {first}   pass@{last.k} {last.pass_at_k:.3f}   pass^{last.k} {last.pass_hat_k:.3f}"
