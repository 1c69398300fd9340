"""From a file to a checked scenario."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practicum.api.evaluator import Evaluator
from practicum.errors import UsageError
from practicum.models.registry import parse_model
from practicum.scenarios.checking import Checker, ManyErrors
from practicum.scenarios.dialects import modernise
from practicum.scenarios.echo import weak
from practicum.scenarios.evaluators import evaluator_class
from practicum.scenarios.lines import Keys, read_yaml
from practicum.scenarios.notes import Note
from practicum.scenarios.schema import ENVIRONMENTS, Scenario, Step, path_beside, text_of
from practicum.text import printable

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
        return [evaluator for _, evaluator in self.placed_evaluators()]

    def placed_evaluators(self) -> list[tuple[Keys, Evaluator]]:
        """Each with its place in the file."""
        groups: list[tuple[Keys, tuple[Evaluator, ...]]] = []
        for index, step in enumerate(self.steps):
            groups.append((("run", index, "conversation", "turn_evaluations"), step.turns))
            groups.append((("run", index, "conversation", "final_evaluations"), step.final))
            groups.append((("run", index, "evaluations"), step.after))
        groups.append((("evaluations",), self.evaluators))
        return [((*keys, number), item) for keys, found in groups for number, item in enumerate(found)]


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
    if "base_scenario" in raw and "run" not in raw:
        raise source.error(("base_scenario",), "a matrix, not a scenario", f"practicum matrix {path} runs it")
    checker = Checker(source, strict)
    modern = modernise(raw, checker)
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
    _check_environment(checker, scenario)
    _check_models(checker, scenario)
    _check_code(checker, scenario)
    _check_mocks(checker, scenario)
    _check_users(checker, scenario)
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
    """Whatever is named beside the scenario is there. Files of the repository are text; a workspace takes any."""
    if scenario.world.github is not None:
        for name, value in scenario.world.github.files.items():
            try:
                text_of(value, folder)
            except UsageError as error:
                checker.errors.append(checker.source.error(("world", "github", "files", name), error.message))
    given = scenario.setup.virtual_fs
    beside = {(): given} if isinstance(given, str) else {(name,): value for name, value in given.items()}
    for keys, value in beside.items():
        if (isinstance(given, str) and value) or (value.startswith("./") and "\n" not in value):
            try:
                path = path_beside(value, folder)
                if not path.exists() or (isinstance(given, str) and not path.is_dir()):
                    raise UsageError(f"{path}: no such {'folder' if isinstance(given, str) else 'file'}")
            except (UsageError, OSError, ValueError) as error:
                said = error.message if isinstance(error, UsageError) else f"{value!r} cannot be read: {error}"
                checker.errors.append(checker.source.error(("setup", "virtual_fs", *keys), printable(said, 500)))


def _check_environment(checker: Checker, scenario: Scenario) -> None:
    kind = scenario.environment.type
    if kind in ENVIRONMENTS:
        return
    from practicum.scenarios.environments.providers import known_environments

    known = known_environments()
    if kind not in known:
        close = difflib.get_close_matches(kind, known, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        keys: Keys = ("environment", "type")
        error = checker.source.error(keys, f"unknown environment {kind!r}", f"{hint}known: {', '.join(known)}")
        checker.errors.append(error)


def _check_models(checker: Checker, scenario: Scenario) -> None:
    """Models that the file names are such that can be asked, or played."""
    named: list[tuple[Keys, str]] = [(("team", name), member.model) for name, member in scenario.team.items()]
    if scenario.character is not None:
        named.append((("character",), scenario.character.model))
    named.append((("judge",), scenario.judge.model))
    for index, step in enumerate(scenario.run):
        if step.conversation is not None:
            keys: Keys = ("run", index, "conversation", "user_simulator")
            model = step.conversation.user_simulator.model
            named.append((keys, model if "/" in model else ""))  # a name alone is of the vendor that --model user= says
    for keys, model in named:
        try:
            if model:
                parse_model(model)
        except UsageError as error:
            checker.errors.append(checker.source.error((*keys, "model"), error.message, error.hint))


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


def _check_users(checker: Checker, scenario: Scenario) -> None:
    """Say what of a simulated user only a model could play."""
    from practicum.scenarios.conversation import PersonaUser

    for index, step in enumerate(scenario.run):
        talk = step.conversation
        if talk is None or talk.user_simulator.script is not None or talk.max_turns == 1:
            continue
        unplayed = PersonaUser(talk.user_simulator).unplayed
        if unplayed:
            keys: Keys = ("run", index, "conversation", "user_simulator", "constraints")
            said = (
                f"without a model for the user, a persona by rules plays him, and cannot hold to: {'; '.join(unplayed)}"
            )
            checker.note("idle", keys, said, "--model user=anthropic/NAME gives him a model")


def _find_weak(checker: Checker, loaded: Loaded) -> None:
    """Name each text check that the user's own words satisfy: an agent that repeats them would pass it."""
    for found in weak(loaded.scenario, loaded.placed_evaluators()):
        checker.weak(
            found.keys,
            f"weak: {found.why}, so {found.evaluator.type} shows nothing here",
            "ask for something that the user did not say, or count it with --allow-weak",
        )
