"""From a file to a checked scenario."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practicum.api.evaluator import Evaluator
from practicum.errors import UsageError
from practicum.scenarios.checking import Checker, ManyErrors
from practicum.scenarios.dialects import modernise
from practicum.scenarios.evaluators import evaluator_class
from practicum.scenarios.lines import Keys, read_yaml
from practicum.scenarios.notes import Note
from practicum.scenarios.schema import Scenario, Step, text_of

__all__ = ["Loaded", "ManyErrors", "StepEvaluators", "load_scenario"]


@dataclass(frozen=True)
class StepEvaluators:
    """What one step is looked at with."""

    after: tuple[Evaluator, ...] = ()
    """When it is over."""
    turns: tuple[Evaluator, ...] = ()
    """After each turn of its conversation."""
    final: tuple[Evaluator, ...] = ()
    """When its conversation is over."""

    def all(self) -> tuple[Evaluator, ...]:
        """Every one of them."""
        return (*self.turns, *self.final, *self.after)


@dataclass(frozen=True)
class Loaded:
    """A scenario with everything that belongs to it."""

    path: Path
    folder: Path
    scenario: Scenario
    evaluators: tuple[Evaluator, ...]
    """Of the whole run."""
    own_evaluators: tuple[Evaluator, ...] = ()
    """For a task that the user brings."""
    steps: tuple[StepEvaluators, ...] = ()
    """One for each step."""
    notes: tuple[Note, ...] = ()
    value: dict[str, Any] = field(default_factory=dict, repr=False)
    """The file as it was read, in today's form."""

    def team_file(self, team: str) -> Path:
        """The scripts of a team, such as `oracle`: `teams/TEAM.py` beside the scenario.

        Raises:
            UsageError: there is none of that name.
        """
        path = self.folder / "teams" / f"{team}.py"
        if not path.is_file():
            known = self.teams()
            close = difflib.get_close_matches(team, known, 1)
            hint = f'did you mean "{close[0]}"? ' if close else ""
            raise UsageError(
                f"{self.scenario.name}: there is no team {team!r}",
                hint=f"{hint}teams: {', '.join(known) or 'none'}; or give models: --model '*=anthropic/NAME'",
            )
        return path

    def teams(self) -> list[str]:
        """Names of the scripted teams beside the scenario."""
        return sorted(path.stem for path in (self.folder / "teams").glob("*.py") if not path.stem.startswith("_"))

    def every_evaluator(self) -> list[Evaluator]:
        """All of them, in the order of the file."""
        return [item for step in self.steps for item in step.all()] + [*self.evaluators]


def load_scenario(path: Path, *, value: dict[str, Any] | None = None, strict: bool = False) -> Loaded:
    """Read and check a whole scenario before anything starts.

    `value` stands for what the file says, with some of it changed (a combination of a matrix). Keys that nothing reads
    become notes; with `strict` they are errors, and so is an evaluation that shows nothing.

    Raises:
        UsageError: no such file; or `ManyErrors`, each with file, line, key, and what was expected.
    """
    source = read_yaml(path)
    raw = source.value if value is None else value
    if not isinstance(raw, dict):
        raise source.error((), "not a scenario: a mapping with name and run is expected")
    checker = Checker(source, strict)
    modern = modernise(raw, checker.read_as)
    scenario = checker.validate(Scenario, modern, ())
    if scenario is None:
        raise ManyErrors(checker.all_errors())
    loaded = Loaded(
        path,
        path.parent,
        scenario,
        _evaluators(checker, ("evaluations",), scenario.evaluations),
        _evaluators(checker, ("own_evaluations",), scenario.own_evaluations),
        tuple(_step(checker, index, step) for index, step in enumerate(scenario.run)),
        value=modern,
    )
    _check_files(checker, scenario, path.parent)
    _check_code(checker, scenario)
    _check_mocks(checker, scenario)
    _find_weak(checker, loaded)
    if errors := checker.all_errors():
        raise ManyErrors(errors)
    return Loaded(**{**loaded.__dict__, "notes": tuple(checker.notes)})


def _evaluators(checker: Checker, keys: Keys, entries: tuple[dict[str, Any], ...]) -> tuple[Evaluator, ...]:
    found: list[Evaluator] = []
    for index, entry in enumerate(entries):
        place = (*keys, index)
        try:
            made = checker.validate(evaluator_class(entry), entry, place)
        except UsageError as error:
            message = error.message if "type" in entry else "is missing"
            checker.errors.append(checker.source.error((*place, "type"), message, error.hint))
            continue
        if made is not None:
            found.append(made)
    return tuple(found)


def _step(checker: Checker, index: int, step: Step) -> StepEvaluators:
    keys: Keys = ("run", index)
    talk = step.conversation
    return StepEvaluators(
        _evaluators(checker, (*keys, "evaluations"), step.evaluations),
        _evaluators(checker, (*keys, "conversation", "turn_evaluations"), talk.turn_evaluations) if talk else (),
        _evaluators(checker, (*keys, "conversation", "final_evaluations"), talk.final_evaluations) if talk else (),
    )


def _check_files(checker: Checker, scenario: Scenario, folder: Path) -> None:
    files: dict[Keys, dict[str, str]] = {}
    if isinstance(scenario.setup.virtual_fs, dict):
        files[("setup", "virtual_fs")] = scenario.setup.virtual_fs
    if scenario.world.github is not None:
        files[("world", "github", "files")] = scenario.world.github.files
    for keys, entries in files.items():
        for name, value in entries.items():
            try:
                text_of(value, folder)
            except UsageError as error:
                checker.errors.append(checker.source.error((*keys, name), error.message))


def _check_code(checker: Checker, scenario: Scenario) -> None:
    if not any(step.code for step in scenario.run):
        return
    from practicum.scenarios.environments.languages import check_lang

    for index, step in enumerate(scenario.run):
        if step.code and (problem := check_lang(step.lang)) is not None:
            error = checker.source.error(("run", index, "lang"), f"unknown language {step.lang!r}", problem)
            checker.errors.append(error)


def _check_mocks(checker: Checker, scenario: Scenario) -> None:
    if not scenario.setup.mocks:
        return
    from practicum.scenarios.mocks import check_mocks, notes

    for keys, message, hint in check_mocks(scenario.setup.mocks):
        checker.errors.append(checker.source.error(("setup", "mocks", *keys), message, hint))
    for keys, message in notes(scenario.setup.mocks, only_code_steps=not scenario.members()):
        checker.note("idle", ("setup", "mocks", *keys), message)


def _find_weak(checker: Checker, loaded: Loaded) -> None:
    """Name each text check that the user's own words satisfy: an agent that repeats them would pass it."""
    for index, (step, evaluators) in enumerate(zip(loaded.scenario.run, loaded.steps, strict=True)):
        if not step.input:
            continue
        places: list[tuple[Keys, tuple[Evaluator, ...]]] = [(("evaluations",), evaluators.after)]
        places += [(("conversation", "turn_evaluations"), evaluators.turns)]
        places += [(("conversation", "final_evaluations"), evaluators.final)]
        for keys, found in places:
            for number, evaluator in enumerate(found):
                if evaluator.echoed_by(step.input):
                    checker.weak(
                        ("run", index, *keys, number),
                        f"weak: the step's own input satisfies this {evaluator.type}, so it shows nothing",
                        "ask for something that the user did not say, or count it with --allow-weak",
                    )
