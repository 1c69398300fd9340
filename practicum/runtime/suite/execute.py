"""Making the run of one trial, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from practicum.bus.event import Event
from practicum.runtime.plan import make_plan
from practicum.runtime.running import run_one
from practicum.runtime.suite.pool import Execute
from practicum.runtime.suite.trial import Trial
from practicum.scenarios.verdict import Verdict

Watch = Callable[[Trial, Event], None]
"""Told of each event of each run once it is on disk."""

Say = Callable[[Trial, str], None]


def executor(watch: Watch | None = None, say: Say | None = None, arguments: Sequence[str] = ()) -> Execute:
    """What `run_suite` makes its runs with. Each has a folder, processes, a bus and a world of its own."""

    async def execute(trial: Trial) -> Verdict:
        def seen(event: Event, number: int) -> None:
            trial.run = event.run
            if watch is not None:
                watch(trial, event)

        def said(text: str) -> None:
            if say is not None:
                say(trial, text)

        return await run_one(
            str(trial.path),
            trial.options,
            value=trial.value,
            trial=trial.trial,
            parameters=trial.parameters,
            on_event=seen,
            say=said,
            arguments=arguments,
        )

    return execute


def check_plans(trials: Sequence[Trial]) -> None:
    """Find out before anything starts what would keep a run from starting: a model that is missing, an unknown role.

    Raises:
        PracticumError: the first such thing, of the first trial of each case.
    """
    for trial in trials:
        if trial.trial == 1:
            make_plan(str(trial.path), trial.options, value=trial.value, trial=trial.trial, parameters=trial.parameters)
