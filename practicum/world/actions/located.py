"""YAML with line numbers, read as GitHub reads workflow files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from practicum.bus.events import Json
from practicum.errors import InvalidFileError

MAX_BYTES = 128 * 1024
MAX_NODES = 5000
MAX_DEPTH = 40

_INT = re.compile(r"[-+]?[0-9]+$")
_HEX = re.compile(r"0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a YAML file and the line (from 1) on which it begins."""

    path: str
    line: int
    key: str
    """Dotted path from the top, such as `jobs.test.steps.0`."""
    value: Mapping[str, Located] | tuple[Located, ...] | str | int | float | bool | None

    def fail(self, message: str, *, hint: str = "") -> InvalidFileError:
        """The error that names this place; for `raise`."""
        return InvalidFileError(self.path, self.line, self.key, message, hint=hint)

    def mapping(self, *known: str) -> Mapping[str, Located]:
        """The value as a mapping; with `known`, every other key is refused.

        Raises:
            InvalidFileError: another kind of value, or an unknown key.
        """
        if not isinstance(self.value, Mapping):
            raise self.fail("must be a mapping")
        if known:
            for name, item in self.value.items():
                if name not in known:
                    raise item.fail("is not supported", hint=f"known here: {', '.join(sorted(known))}")
        return self.value

    def items(self) -> tuple[Located, ...]:
        """The value as a list.

        Raises:
            InvalidFileError: another kind of value.
        """
        if not isinstance(self.value, tuple):
            raise self.fail("must be a list")
        return self.value

    def text(self) -> str:
        """The value as the text that GitHub makes of a scalar (`true`, `3.1`, empty for null).

        Raises:
            InvalidFileError: a mapping or a list.
        """
        if isinstance(self.value, Mapping | tuple):
            raise self.fail("must be a single value")
        return scalar_text(self.value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        if isinstance(self.value, tuple):
            return tuple(item.text() for item in self.value)
        return (self.text(),)

    def string_map(self) -> dict[str, str]:
        """A mapping of scalars, such as `env`."""
        return {name: item.text() for name, item in self.mapping().items()}

    def plain(self) -> Json:
        """The value without its places."""
        if isinstance(self.value, Mapping):
            return {name: item.plain() for name, item in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value

    def walk(self) -> Iterator[Located]:
        """This value and everything below it."""
        yield self
        children: tuple[Located, ...] = ()
        if isinstance(self.value, Mapping):
            children = tuple(self.value.values())
        elif isinstance(self.value, tuple):
            children = self.value
        for child in children:
            yield from child.walk()


def scalar_text(value: str | int | float | bool | None) -> str:
    """A scalar as GitHub writes it: `true`, `3.1`, empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def load(path: str, text: str) -> Located:
    """Read one YAML document with YAML 1.2 scalars: `on` and `yes` stay words, `true` is a truth value.

    Raises:
        InvalidFileError: not YAML, a repeated key, or larger than a workflow can sensibly be.
    """
    if len(text.encode()) > MAX_BYTES:
        raise InvalidFileError(path, 0, "", f"is larger than {MAX_BYTES // 1024} KiB")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InvalidFileError(path, line, "", f"is not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidFileError(path, 0, "", f"is not valid YAML: {error}") from error
    if node is None:
        raise InvalidFileError(path, 1, "", "is empty")
    return _Converter(path).convert(node, "", 0)


class _Converter:
    """Turns PyYAML's nodes into `Located`, counting, since anchors can make a small file large."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._count = 0

    def convert(self, node: yaml.Node, key: str, depth: int) -> Located:
        line = node.start_mark.line + 1
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            raise InvalidFileError(self._path, line, key, "is nested too deeply or too large")
        if isinstance(node, yaml.MappingNode):
            return Located(self._path, line, key, self._mapping(node, key, depth))
        if isinstance(node, yaml.SequenceNode):
            items = (
                self.convert(item, f"{key}.{n}" if key else str(n), depth + 1) for n, item in enumerate(node.value)
            )
            return Located(self._path, line, key, tuple(items))
        return Located(self._path, line, key, _scalar(str(node.value), quoted=getattr(node, "style", None) is not None))

    def _mapping(self, node: yaml.MappingNode, key: str, depth: int) -> dict[str, Located]:
        found: dict[str, Located] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                raise InvalidFileError(self._path, line, key, "a key must be plain text")
            name = str(name_node.value)
            place = f"{key}.{name}" if key else name
            if name in found:
                raise InvalidFileError(self._path, line, place, "is there twice")
            value = self.convert(value_node, place, depth + 1)
            # A null or scalar sits on its key's line; for blocks the key's line is the better place to look, too.
            found[name] = Located(self._path, line, place, value.value)
        return found


def _scalar(text: str, *, quoted: bool) -> str | int | float | bool | None:
    if quoted:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.match(text):
        return int(text)
    if _HEX.match(text):
        return int(text, 16)
    if _FLOAT.match(text):
        return float(text)
    return text
