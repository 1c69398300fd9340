"""Running many trials, a few at a time."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from practicum import __version__
from practicum.bus.events import Json, Outcome
from practicum.errors import ExitCode, PracticumError, UsageError
from practicum.runtime.places import started_now
from practicum.runtime.suite.folder import RowWriter, SuiteFolder
from practicum.runtime.suite.trial import Trial
from practicum.scenarios.statistics import Row, summarise
from practicum.scenarios.suite import SuiteKind, SuiteResult, row_of
from practicum.scenarios.verdict import Verdict

Execute = Callable[[Trial], Awaitable[Verdict]]
"""Makes one run. It must not touch signal handlers, and cleans up when it is cancelled."""

OnStart = Callable[[Trial], None]
OnEnd = Callable[[Trial, Row], None]

_SIGNALS = {signal.SIGINT: "stopped by Ctrl-C", signal.SIGTERM: "terminated", signal.SIGHUP: "the terminal closed"}


class Pool:
    """The trials of one suite: some wait, some run, some have ended."""

    def __init__(self, trials: Sequence[Trial], execute: Execute, folder: SuiteFolder, parallel: int) -> None:
        """Prepare; nothing starts yet.

        Raises:
            UsageError: there are no trials, two have the same key, or none may run.
        """
        if not trials:
            raise UsageError("there is nothing to run")
        if parallel < 1:
            raise UsageError(f"--parallel {parallel}: at least one run at a time")
        if len({trial.key for trial in trials}) < len(trials):
            raise UsageError("two trials have the same key")
        self.stopped = ""
        """Why it is stopped; empty while it is not."""
        self.rows: dict[str, Row] = {}
        """Key to row, of all that have ended."""
        self._trials, self._waiting = list(trials), deque(trials)
        self._execute, self._folder, self._parallel = execute, folder, parallel
        self._running: dict[str, asyncio.Task[None]] = {}

    def stop(self, why: str) -> None:
        """Start no more, and cancel what runs: it is recorded as cancelled, and its processes end."""
        self.stopped = self.stopped or why
        self._waiting.clear()
        for task in self._running.values():
            task.cancel()

    async def run(self, on_start: OnStart | None = None, on_end: OnEnd | None = None) -> None:
        """Run all, `parallel` at a time. A trial that breaks is a row, and the rest goes on.

        Raises:
            InfrastructureError: results cannot be written any more; what ran is cancelled.
        """
        writer = RowWriter(self._folder)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._parallel, len(self._trials))):
                    group.create_task(self._lane(writer, on_start, on_end))
        except BaseExceptionGroup as broken:
            ours = broken.subgroup(PracticumError)
            raise (_first(ours) if ours else broken) from broken
        finally:
            writer.close()

    async def _lane(self, writer: RowWriter, on_start: OnStart | None, on_end: OnEnd | None) -> None:
        """One run after the other, while there are any."""
        while self._waiting:
            trial = self._waiting.popleft()

            # A task of its own: stopping cancels the trial, and the lane goes on to find that nothing waits any more.
            async with asyncio.TaskGroup() as group:
                one = self._one(trial, writer, on_start, on_end)
                self._running[trial.key] = group.create_task(one, name=f"trial {trial.key}")
            self._running.pop(trial.key, None)

    async def _one(self, trial: Trial, writer: RowWriter, on_start: OnStart | None, on_end: OnEnd | None) -> None:
        if on_start is not None:
            on_start(trial)
        row = await self._row(trial)
        self.rows[trial.key] = row
        writer.append(row)
        if on_end is not None:
            on_end(trial, row)

    async def _row(self, trial: Trial) -> Row:
        """Run a trial; whatever comes of it is a row."""
        start = time.monotonic()

        def ended(outcome: Outcome, reason: str, code: ExitCode = ExitCode.INCONCLUSIVE) -> Row:
            return Row(
                key=trial.key,
                scenario=trial.scenario,
                file=str(trial.path),
                parameters=trial.parameters,
                trial=trial.trial,
                run=trial.run,
                outcome=outcome,
                reason=reason,
                seconds=round(time.monotonic() - start, 3),
                exit_code=code,
            )

        try:
            verdict = await self._execute(trial)
        except asyncio.CancelledError:
            if not self.stopped:
                raise
            return ended("cancelled", self.stopped)
        except PracticumError as error:
            return ended("infrastructure", error.message, error.exit_code)
        except OSError as error:
            return ended("infrastructure", f"{error.filename or 'the system'}: {error.strerror or error}")
        except (
            Exception
        ) as error:  # the outermost edge of a trial: a mistake of ours in one must not take the rest along
            self._folder.note(f"trial {trial.key}\n{traceback.format_exc()}\n")
            return ended("infrastructure", f"{type(error).__name__}: {error} (see {self._folder.path / 'errors.log'})")
        row = row_of(verdict, trial.key, str(trial.path))
        return row.model_copy(update={"scenario": trial.scenario, "parameters": trial.parameters, "trial": trial.trial})


async def run_suite(
    trials: Sequence[Trial],
    execute: Execute,
    *,
    folder: SuiteFolder,
    name: str,
    kind: SuiteKind,
    parallel: int = 1,
    on_start: OnStart | None = None,
    on_end: OnEnd | None = None,
    file: str = "",
    axes: dict[str, list[Json]] | None = None,
) -> SuiteResult:
    """Run trials, at most `parallel` at a time, and write what comes of them to `folder`.

    Ctrl-C, SIGTERM and a closed terminal start no more and cancel what runs; the result then is not complete. A second
    Ctrl-C ends the process at once. Every row is in `results.jsonl` as soon as its run has ended, and `suite.json` is
    there from the beginning, so even a killed process leaves something that `read_suite` reads.

    Raises:
        UsageError: there is nothing to run.
        InfrastructureError: results cannot be written.
    """
    pool = Pool(trials, execute, folder, parallel)
    started, start = started_now(), time.monotonic()

    def result(complete: bool, stopped: str, seconds: float) -> SuiteResult:
        rows = [pool.rows[trial.key] for trial in trials if trial.key in pool.rows]
        return SuiteResult(
            suite=folder.suite,
            name=name,
            kind=kind,
            file=file,
            axes=axes or {},
            started=started,
            seconds=round(seconds, 3),
            complete=complete,
            stopped=stopped,
            planned=len(trials),
            parallel=parallel,
            rows=rows,
            summary=summarise(rows),
            practicum=__version__,
            arguments=sys.argv[1:],
        )

    folder.write(result(False, "", 0.0))
    with _signals(pool):
        await pool.run(on_start, on_end)
    found = result(not pool.stopped, pool.stopped, time.monotonic() - start)
    folder.write(found)
    return found


@contextmanager
def _signals(pool: Pool) -> Iterator[None]:
    """Signals stop the pool, once: the second one does what it does to any program."""
    loop = asyncio.get_running_loop()
    held: list[signal.Signals] = []

    def stop(why: str) -> None:
        release()
        pool.stop(why)

    def release() -> None:
        while held:
            loop.remove_signal_handler(held.pop())

    for number, why in _SIGNALS.items():
        try:
            loop.add_signal_handler(number, stop, why)
        except (ValueError, RuntimeError, NotImplementedError):  # not the main thread: whoever is there has the signals
            break
        held.append(number)
    try:
        yield
    finally:
        release()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


__all__ = ["Execute", "OnEnd", "OnStart", "Pool", "run_suite"]
