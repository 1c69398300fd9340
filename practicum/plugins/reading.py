"""From a specification file to a `PluginSpecification`; what is wrong with it is said with its line."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from practicum.errors import InvalidFileError, UsageError
from practicum.plugins.host.schedule import read_schedule
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.formula import FormulaError, render
from practicum.text import printable

Keys = tuple[int | str, ...]

_LARGEST = 512 * 1024
"""Bytes."""


def read_specification(path: Path) -> PluginSpecification:
    """Read a YAML or JSON file.

    Raises:
        UsageError: there is no such file, or it cannot be read.
        InvalidFileError: it is not a specification; the first thing that is wrong, with file, line and key.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: larger than {_LARGEST // 1024} KiB: not a specification")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no text in UTF-8: {error.reason} at byte {error.start}") from error
    return parse_specification(text, str(path))


def parse_specification(text: str, name: str = "specification") -> PluginSpecification:
    """The same from text; `name` is what errors call it.

    Raises:
        InvalidFileError: it is not a specification.
    """
    try:
        value: Any = yaml.safe_load(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise InvalidFileError(name, 1, "", "nested too deeply") from error
    except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        # Some problems are half a sentence, and the context is its beginning.
        said = getattr(error, "problem", None) or type(error).__name__
        if said.startswith("but "):
            said = f"{getattr(error, 'context', '')} {said}"
        raise InvalidFileError(name, mark.line + 1 if mark else 1, "", f"not YAML: {said}") from error
    if not isinstance(value, dict):
        raise InvalidFileError(name, 1, "", "not a specification: a mapping with at least name and description is")
    twice = _stands_twice(node)
    if twice is not None:
        raise InvalidFileError(name, twice[0], twice[1], "stands here twice")
    try:
        spec = PluginSpecification.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        message, hint = _said(first)
        raise InvalidFileError(name, line_of(node, first["loc"]), dotted(first["loc"]), message, hint=hint) from error
    for keys, message, hint in _wrong_parts(spec):
        raise InvalidFileError(name, line_of(node, keys), dotted(keys), message, hint=hint)
    return spec


def _wrong_parts(spec: PluginSpecification) -> Iterator[tuple[Keys, str, str]]:
    """Formulas, patterns and schedules that are none: key path, what is wrong, what mends it."""
    for index, action in enumerate(spec.actions):
        try:
            if action.formula:
                render(action.formula, {one.name: one.name for one in action.parameters})
        except FormulaError as error:
            yield ("actions", index, "formula"), str(error), ""
    for index, evaluator in enumerate(spec.evaluators):
        try:
            re.compile(evaluator.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            yield ("evaluators", index, "pattern"), f"not a regular expression: {error}", ""
    for index, task in enumerate(spec.tasks):
        try:
            read_schedule(task.schedule)
        except UsageError as error:
            yield ("tasks", index, "schedule"), error.message, error.hint


def dotted(keys: Keys) -> str:
    """`actions[2].formula`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def line_of(node: yaml.Node | None, keys: Keys) -> int:
    """The 1-based line of a key path, or of the nearest enclosing one that exists."""
    line = node.start_mark.line + 1 if node is not None else 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((name, value) for name, value in node.value if name.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _stands_twice(node: yaml.Node | None, keys: Keys = (), looked: set[int] | None = None) -> tuple[int, str] | None:
    """The first key that stands twice in one mapping: its line and path. What aliases repeat is looked at once."""
    found: tuple[int, str] | None = None
    looked = set() if looked is None else looked
    if node is None or id(node) in looked:
        return None
    looked.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for name, value in node.value:
            if name.value in seen and name.value != "<<":
                return name.start_mark.line + 1, dotted((*keys, str(name.value)))
            seen.add(name.value)
            found = found or _stands_twice(value, (*keys, str(name.value)), looked)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            found = found or _stands_twice(value, (*keys, index), looked)
    return found


def _said(error: Mapping[str, Any]) -> tuple[str, str]:
    """Pydantic's error in our words, and what mends it."""
    keys: Keys = error["loc"]
    match error["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(str(keys[-1]), _known(keys), 1)
            return "unknown key", f'did you mean "{close[0]}"?' if close else f"known: {', '.join(_known(keys))}"
        case "missing":
            return "is missing", ""
        case _:
            got = printable(json.dumps(error.get("input"), default=str), 60) if keys else ""
            said = str(error["msg"]).removeprefix("Value error, ")
            return f"{said}; got {got}" if got else said, ""


def _known(keys: Keys) -> list[str]:
    """The keys that may stand where `keys` ends."""
    model: type[BaseModel] = PluginSpecification
    for key in keys[:-1]:
        if isinstance(key, str) and key in model.model_fields:
            inner = next((one for one in get_args(model.model_fields[key].annotation) if isinstance(one, type)), None)
            if inner is None or not issubclass(inner, BaseModel):
                return []
            model = inner
    return list(model.model_fields)
