"""YAML with line numbers: where each key of a file stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from practicum.errors import InvalidFileError, UsageError

Keys = tuple[str | int, ...]

_MOST_KEYS = 20_000


@dataclass(frozen=True)
class Source:
    """A parsed file: its plain value, not to be changed, and the line of every key path in it."""

    path: Path
    value: Any
    lines: dict[Keys, int] = field(repr=False)

    def line(self, keys: Keys) -> int:
        """The 1-based line of a key path, or of the nearest enclosing one that exists."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def keys(self, place: Keys) -> Keys:
        """A place as pydantic tells it, as it stands in the file: there a number may be a mapping's key."""
        found: Keys = ()
        for key in place:
            if key != "[key]":
                found += (key if (*found, key) in self.lines or (*found, str(key)) not in self.lines else str(key),)
        return found

    def error(self, keys: Keys, message: str, hint: str = "") -> InvalidFileError:
        """An error that names file, line and key."""
        return InvalidFileError(str(self.path), self.line(keys), dotted(keys), message, hint=hint)


def dotted(keys: Keys) -> str:
    """`evaluations[2].path`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def read_yaml(path: Path) -> Source:
    """Read a YAML file.

    Raises:
        UsageError: there is no such file, or it cannot be read.
        InvalidFileError: it is not YAML, or holds a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    return _parse(path, text)


@lru_cache(maxsize=256)
def _parse(path: Path, text: str) -> Source:
    """Parse once: a command over many runs reads each file for itself, and for every trial again."""
    loader: yaml.SafeLoader | None = None
    try:
        # Not libyaml's loader: it is six times as fast and dies of a file that is nested deeply enough.
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        lines: dict[Keys, int] = {}
        if node is not None:
            _collect(path, node, (), lines)
        value = loader.construct_document(node) if node is not None else None
    except RecursionError as error:
        raise InvalidFileError(str(path), 1, "", "nested too deeply, or holding itself") from error
    except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
        # PyYAML's constructors say all of these for a value that does not fit its tag, such as `!!bool maybe`.
        raise InvalidFileError(str(path), _line_of(error, text), "", f"not YAML: {_problem(error)}") from error
    finally:
        if loader is not None:
            loader.dispose()
    return Source(path, value, lines)


def _line_of(error: Exception, text: str) -> int:
    if isinstance(error, yaml.reader.ReaderError):
        return text.count("\n", 0, error.position) + 1
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1


def _problem(error: Exception) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return f"the character {chr(error.character)!r} is not allowed"
    if isinstance(error, yaml.YAMLError):
        problem, context = getattr(error, "problem", None), getattr(error, "context", None)
        if problem and context and str(problem).startswith("but "):
            return f"{context}, {problem}"
        return str(problem or context or error)
    return f"a value does not fit its tag: {type(error).__name__}"


def _collect(path: Path, node: yaml.Node, keys: Keys, lines: dict[Keys, int]) -> None:
    if len(lines) > _MOST_KEYS:  # aliases of aliases grow a small file without end
        raise InvalidFileError(str(path), node.start_mark.line + 1, "", f"more than {_MOST_KEYS} keys")
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for name, value in node.value:
            key = str(name.value)
            if key in seen and key != "<<":
                raise InvalidFileError(str(path), name.start_mark.line + 1, dotted((*keys, key)), "stands here twice")
            seen.add(key)
            lines[(*keys, key)] = name.start_mark.line + 1
            _collect(path, value, (*keys, key), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*keys, index)] = value.start_mark.line + 1
            _collect(path, value, (*keys, index), lines)
