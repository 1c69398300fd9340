"""Arguments for an action that has no examples: of each parameter something of its type."""

from __future__ import annotations

from pydantic import JsonValue

from practicum.plugins.specification import ActionSpec, Parameter, Type

_VALUES: dict[Type, JsonValue] = {
    "string": "text", "integer": 2, "number": 2.5, "boolean": True, "array": [], "object": {},
}  # fmt: skip


def required(action: ActionSpec) -> dict[str, JsonValue]:
    """A value for each parameter that must be given."""
    return {one.name: value_of(one) for one in action.parameters if one.required}


def value_of(parameter: Parameter) -> JsonValue:
    """Its first choice, its default, or something of its type."""
    if parameter.choices:
        return parameter.choices[0]
    return _VALUES[parameter.type] if parameter.default is None else parameter.default
