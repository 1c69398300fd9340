"""One run, whatever it is: planned, given a folder, launched, its card kept up to date."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from practicum.bus.event import Event
from practicum.bus.events import Json
from practicum.errors import InfrastructureError, PracticumError
from practicum.runtime.places import RunCard, RunFolder, new_run, process_start, started_now, write_whole
from practicum.runtime.plan import Options, Plan, make_plan
from practicum.scenarios.verdict import Verdict

OnEvent = Callable[[Event, int], None]
Say = Callable[[str], None]

_LOW_DISK = 1024 * 1024
"""Bytes; a run of a few agents needs some ten times that."""

_SIGNALS = {signal.SIGINT: "interrupted by Ctrl-C", signal.SIGTERM: "terminated", signal.SIGHUP: "the terminal closed"}


class Interruptible(Protocol):
    """Something under way that can be ended in order."""

    def interrupt(self, why: str) -> None:
        """End it; what it made so far is kept."""
        ...


def no_event(event: Event, number: int) -> None:
    """Nobody watches."""


def no_word(text: str) -> None:
    """Nobody listens."""


async def run_one(
    scenario: str,
    options: Options,
    *,
    value: dict[str, object] | None = None,
    trial: int = 1,
    parameters: dict[str, Json] | None = None,
    on_event: OnEvent = no_event,
    say: Say = no_word,
    arguments: Sequence[str] = (),
) -> Verdict:
    """Plan and run a scenario in this process. Several may run at once; they share nothing.

    Raises:
        PracticumError: it could not be planned or started. What was begun is on its card.
        asyncio.CancelledError: cancelled; nothing is left running, and its card says so.
    """
    plan = make_plan(scenario, options, value=value, trial=trial, parameters=parameters)
    return await run_planned(plan, new_run(), on_event, say, arguments)


async def run_planned(
    plan: Plan, folder: RunFolder, on_event: OnEvent, say: Say, arguments: Sequence[str], *, signals: bool = False
) -> Verdict:
    """Run a plan in a folder of its own. With `signals`, Ctrl-C and the like end it in order.

    Raises:
        PracticumError: it could not start, or not be recorded.
    """
    card = _card(plan, folder, arguments)
    folder.write_card(card)
    _keep_scenario(plan, folder)
    try:
        verdict = await _launched(plan, folder, on_event, say, signals)
    except asyncio.CancelledError:
        with contextlib.suppress(InfrastructureError):
            _finish(folder, card, "cancelled", "stopped before it was over")
        raise
    except (PracticumError, OSError) as error:
        failed = error if isinstance(error, PracticumError) else _refused_by_the_system(error)
        if isinstance(failed, InfrastructureError) and not failed.hint:
            failed.hint = _where_to_look(folder)
        with contextlib.suppress(InfrastructureError):  # a full disk takes this as little as the rest
            _finish(folder, card, "infrastructure" if failed.exit_code == 3 else "refused", failed.message)
        raise failed from error
    _finish(folder, card, verdict.outcome, verdict.reason)
    return verdict


async def _launched(plan: Plan, folder: RunFolder, on_event: OnEvent, say: Say, signals: bool) -> Verdict:
    if plan.is_code_alone:
        from practicum.runtime.coderun import CodeRun

        code = CodeRun(plan, folder, on_event)
        with heeding(code) if signals else contextlib.nullcontext():
            return await code.launch()
    from practicum.runtime.launcher import Launcher, first_of
    from practicum.runtime.logs import begin_logging

    begin_logging()

    launcher = Launcher(plan, folder, on_event, say)
    with heeding(launcher) if signals else contextlib.nullcontext():
        try:
            return await launcher.launch()
        except BaseExceptionGroup as group:
            raise first_of(group) from group


@contextmanager
def heeding(run: Interruptible) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the run in order."""
    loop = asyncio.get_running_loop()
    for number, why in _SIGNALS.items():
        loop.add_signal_handler(number, run.interrupt, why)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _card(plan: Plan, folder: RunFolder, arguments: Sequence[str]) -> RunCard:
    return RunCard(
        run=folder.run,
        scenario=plan.loaded.scenario.name,
        scenario_file=str(plan.loaded.path.absolute()),
        team=plan.team,
        models={agent.name: agent.model_text for agent in plan.agents},
        services=plan.modes,
        started=started_now(),
        pid=os.getpid(),
        boot=process_start(os.getpid()),
        arguments=list(arguments),
        trial=plan.trial,
        parameters=plan.parameters,
    )


def _keep_scenario(plan: Plan, folder: RunFolder) -> None:
    """Keep what is run as `scenario.yaml`: the file as it stands, or with a matrix's values in it."""
    if plan.parameters:
        import yaml

        text = yaml.safe_dump(plan.loaded.value, sort_keys=False, allow_unicode=True)
        write_whole(folder.path / "scenario.yaml", text)
    else:
        write_whole(folder.path / "scenario.yaml", plan.loaded.path.read_text(encoding="utf-8"))


def _finish(folder: RunFolder, card: RunCard, outcome: str, reason: str) -> None:
    folder.write_card(card.model_copy(update={"ended": started_now(), "outcome": outcome, "reason": reason}))


def _refused_by_the_system(error: OSError) -> InfrastructureError:
    """A disk, a limit of open files, a missing right: the operating system's own words, and no stack trace."""
    place = f"{error.filename}: " if error.filename else ""
    return InfrastructureError(f"{place}{error.strerror or error}")


def _where_to_look(folder: RunFolder) -> str:
    """A full disk fails every process in its own words; say it once."""
    import shutil

    if shutil.disk_usage(folder.path).free < _LOW_DISK:
        return f"the disk of {folder.path} is full: free some space and run again"
    return f"what its processes said is in {folder.logs}"
