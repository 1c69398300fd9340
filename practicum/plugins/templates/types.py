"""Types of a specification as Python writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from practicum.plugins.specification import Parameter, Type
from practicum.plugins.templates.text import identifier
from practicum.text import printable

PYTHON: dict[Type, str] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list[Any]",
    "object": "dict[str, Any]",
}


def optional(parameter: Parameter) -> bool:
    """Whether nothing may be given, and nothing stands in its place."""
    return not parameter.required and parameter.default is None


def declaration(parameter: Parameter) -> str:
    """`celsius: Annotated[float, Field(description='...')]`, with its default."""
    called = identifier(parameter.name)
    kind = _literal(parameter) or PYTHON[parameter.type]
    if optional(parameter):
        kind = f"{kind} | None"
    told = []
    if parameter.description:
        told.append(f"description={json.dumps(printable(parameter.description), ensure_ascii=False)}")
    if called != parameter.name:
        told.append(f"alias={json.dumps(parameter.name)}")
    if told:
        kind = f"Annotated[{kind}, Field({', '.join(told)})]"
    return f"{called}: {kind}{default(parameter)}"


def default(parameter: Parameter) -> str:
    """` = 3`; empty where a value must be given."""
    if parameter.default is not None:
        return f" = {parameter.default!r}"
    return "" if parameter.required else " = None"


def ordered(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Those that must be given first, as Python wants it."""
    return sorted(parameters, key=lambda one: bool(default(one)))


def _literal(parameter: Parameter) -> str:
    """`Literal['km', 'mi']` for choices that have one."""
    usable = (str, int, bool)
    if not parameter.choices or not all(isinstance(choice, usable) for choice in parameter.choices):
        return ""
    return f"Literal[{', '.join(repr(choice) for choice in parameter.choices)}]"
