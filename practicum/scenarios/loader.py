"""From a file to a checked scenario."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from practicum.api.evaluator import Evaluator
from practicum.errors import InvalidFileError, UsageError
from practicum.scenarios.evaluators import evaluator_class, read_evaluator
from practicum.scenarios.lines import Keys, Source, dotted, read_yaml
from practicum.scenarios.schema import Scenario, text_of


class ManyErrors(UsageError):
    """Several things are wrong with a file; all are said at once."""

    def __init__(self, errors: list[InvalidFileError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Loaded:
    """A scenario with everything that belongs to it."""

    path: Path
    folder: Path
    scenario: Scenario
    evaluators: tuple[Evaluator, ...]
    own_evaluators: tuple[Evaluator, ...] = ()
    """For a task that the user brings."""

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


def load_scenario(path: Path) -> Loaded:
    """Read and check a whole scenario before anything starts.

    Raises:
        UsageError: no such file; or `ManyErrors`, each with file, line, key, and what was expected.
    """
    source = read_yaml(path)
    if not isinstance(source.value, dict):
        raise source.error((), "not a scenario: a mapping with name, team and run is expected")
    try:
        scenario = Scenario.model_validate(source.value)
    except ValidationError as error:
        raise ManyErrors(_errors(source, error, Scenario)) from error
    errors: list[InvalidFileError] = []
    evaluators = _evaluators(source, "evaluations", scenario.evaluations, errors)
    own = _evaluators(source, "own_evaluations", scenario.own_evaluations, errors)
    files: dict[tuple[str, ...], dict[str, str]] = {}
    if isinstance(scenario.setup.virtual_fs, dict):
        files[("setup", "virtual_fs")] = scenario.setup.virtual_fs
    if scenario.world.github is not None:
        files[("world", "github", "files")] = scenario.world.github.files
    for keys, entries in files.items():
        for name, value in entries.items():
            try:
                text_of(value, path.parent)
            except UsageError as error:
                errors.append(source.error((*keys, name), error.message))
    if errors:
        raise ManyErrors(errors)
    return Loaded(path, path.parent, scenario, evaluators, own)


def _evaluators(
    source: Source, key: str, entries: tuple[dict[str, Any], ...], errors: list[InvalidFileError]
) -> tuple[Evaluator, ...]:
    found: list[Evaluator] = []
    for index, entry in enumerate(entries):
        try:
            found.append(read_evaluator(entry))
        except ValidationError as error:
            errors += _errors(source, error, evaluator_class(entry), (key, index))
        except UsageError as error:
            message = error.message if "type" in entry else "is missing"
            errors.append(source.error((key, index, "type"), message, error.hint))
    return tuple(found)


def _errors(
    source: Source, error: ValidationError, model: type[BaseModel], prefix: Keys = ()
) -> list[InvalidFileError]:
    found = []
    for item in error.errors():
        keys = source.keys((*prefix, *item["loc"], *item.get("ctx", {}).get("keys", ())))
        message, hint = str(item["msg"]).removeprefix("Value error, "), ""
        if item["type"] == "extra_forbidden":
            known = _known_keys(model, item["loc"][:-1])
            message = f"unknown {'service' if item['loc'][:-1] == ('world',) else 'key'}"
            hint = _advice(str(item["loc"][-1]), known)
        elif item["type"] == "missing":
            message = "is missing"
        elif "input" in item and not isinstance(item["input"], dict | list):
            shown = _shown(item["input"])
            message = message if shown in message else f"{message}, got {shown}"
        found.append(InvalidFileError(str(source.path), source.line(keys), dotted(keys), message, hint=hint))
    return found


def _shown(value: object) -> str:
    """A value in an error: enough of it to be recognised."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number too large"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _advice(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, 1)
    first = f'did you mean "{close[0]}"? ' if close else ""
    return f"{first}known: {', '.join(known)}" if known else first


def _known_keys(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that a model has at a place inside it."""
    present: Any = model
    for key in path:
        inner = _model_in(present)
        if inner is None:
            return []
        if present is not inner and get_origin(present) in (dict, tuple, list):
            present = inner  # the key is a name or a number in the container
            continue
        field = next((field for name, field in inner.model_fields.items() if key in (name, field.alias)), None)
        present = field.annotation if field else None
    inner = _model_in(present)
    return [field.alias or name for name, field in inner.model_fields.items()] if inner else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model | None`, `tuple[Model, ...]` or `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
