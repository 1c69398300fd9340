"""What commands over many runs show while they run."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys

import typer

from practicum import __version__
from practicum.bus.event import Event
from practicum.cli.running import paint, say
from practicum.cli.suite_summary import WORDS, print_summary, short_label
from practicum.runtime.suite import Progress, SuiteFolder, SuiteResult, Trial, duration
from practicum.scenarios.statistics import Row
from practicum.text import printable

MANY = 50
"""Runs above which the user is asked first."""

_TICK_S = 1.0


def confirm_many(count: int, yes: bool) -> None:
    """Warn of many runs, and ask on a terminal.

    Raises:
        typer.Abort: the user does not want them.
    """
    if count <= MANY or yes:
        return
    print(f"warning: {count} runs; --dry-run shows them, --filter chooses some", file=sys.stderr, flush=True)
    if sys.stdin.isatty() and sys.stderr.isatty() and not typer.confirm("start them?", err=True):
        raise typer.Abort


class SuiteConsole:
    """Follows a suite: a line for each run that ends; on a terminal a last line that tells how far it is.

    On a terminal runs that pass are only counted, unless `verbose`.
    """

    def __init__(self, total: int, *, quiet: bool = False, verbose: bool = False, terminal: bool | None = None) -> None:
        self._progress = Progress(total)
        self._quiet, self._verbose = quiet, verbose
        self._live = (sys.stdout.isatty() if terminal is None else terminal) and not quiet
        self._timer: asyncio.TimerHandle | None = None

    def header(self, name: str, folder: SuiteFolder) -> None:
        """The first lines, before anything has started."""
        if not self._quiet:
            say(f"practicum {__version__}  {paint(printable(name), 'bold')}  {self._progress.total} runs")
            say(f"suite {folder.suite}\n")

    def started(self, trial: Trial) -> None:
        """A run begins."""
        self._progress.started(trial)
        self._redraw()

    def ended(self, trial: Trial, row: Row) -> None:
        """A run has ended."""
        self._progress.ended(trial, row)
        if not self._quiet and (not self._live or self._verbose or row.outcome != "passed"):
            self._print(self._line(row))
        self._redraw()

    def event(self, trial: Trial, event: Event) -> None:
        """Tell an event of a run, for who wants to know everything."""
        if not self._verbose or self._quiet:
            return
        from practicum.monitor.narrate import narrate

        told = narrate(event, event.time)
        if told is not None and told.weight >= 2:
            self._print(f"  {paint(f'{trial.key:<7}', 'dim')} {told.who:<10} {told.what}")

    def note(self, trial: Trial, text: str) -> None:
        """Something that the user should know of a run."""
        if self._verbose and not self._quiet:
            self._print(f"  {paint(f'{trial.key:<7}', 'dim')} {paint(printable(text), 'yellow')}")

    def close(self) -> None:
        """Take the last line away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._live:
            _write("\r\x1b[2K")

    def summary(self, result: SuiteResult, folder: SuiteFolder) -> None:
        """What the runs come to."""
        self.close()
        print_summary(result, folder)

    def _line(self, row: Row) -> str:
        place = f"{self._progress.done:>{len(str(self._progress.total))}}/{self._progress.total}"
        word = paint(f"{row.outcome:<14}", WORDS.get(row.outcome, "yellow"))
        what = printable(short_label(row.scenario, row.parameters))
        trial = f"  trial {row.trial}" if row.trial > 1 else ""
        why = f"  {printable(row.reason, 100)}" if row.outcome != "passed" and row.reason else ""
        left = self._progress.left_s
        eta = f"  {paint(f'({duration(left)} left)', 'dim')}" if left and not self._live else ""
        return f"  {place}  {word}{duration(row.seconds):>7}  {printable(row.run):<14}  {what}{trial}{why}{eta}"

    def _print(self, text: str) -> None:
        if self._live:
            _write("\r\x1b[2K")
        say(text)

    def _redraw(self) -> None:
        """Draw the last line now, and again in a second: the time that is left goes on while nothing ends."""
        if not self._live:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._progress.done == self._progress.total:
            return
        width = shutil.get_terminal_size().columns - 3
        _write(f"\r\x1b[2K  {self._progress.line()[:width]}")
        with contextlib.suppress(RuntimeError):  # no loop: somebody draws by hand
            self._timer = asyncio.get_running_loop().call_later(_TICK_S, self._redraw)


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stdout.write(text)
        sys.stdout.flush()
