"""Whether a loaded plugin says of itself what its specification says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from practicum.plugins.pipeline.result import Problem
from practicum.plugins.specification import ActionSpec, Parameter, PluginSpecification


def differences(loaded: Mapping[str, Any], spec: PluginSpecification) -> list[Problem]:
    """Where the description (`inside/run_components.py`) and the specification part ways."""
    return [Problem(text, code="components") for text in _differences(loaded, spec)]


def _differences(loaded: Mapping[str, Any], spec: PluginSpecification) -> Iterator[str]:
    for key in ("name", "version"):
        if loaded[key] != getattr(spec, key):
            yield f"the plugin's {key} is {loaded[key]!r}, the specification says {getattr(spec, key)!r}"
    for kind, name in spec.declared():
        if name not in loaded[f"{kind}s"]:
            yield f"{kind} {name}: the plugin has none of that name"
    for key in ("capabilities", "hosts"):
        more = sorted(set(loaded[key]) - set(getattr(spec, key)))
        if more:
            yield f"the plugin asks for the {key} {', '.join(more)}, which the specification does not grant"
    variables = {one.name for one in spec.environment}
    for name, *_ in loaded["environment"]:
        if name not in variables:
            yield f"the plugin reads the variable {name}, which the specification does not name"
    for action in spec.actions:
        if action.name in loaded["actions"]:
            yield from _action(loaded["actions"][action.name], action)
    for task in spec.tasks:
        if task.name in loaded["tasks"] and loaded["tasks"][task.name] != task.schedule:
            yield f"task {task.name}: its schedule is {loaded['tasks'][task.name]!r}, not {task.schedule!r}"
    known = {(kind, name) for kind, name in spec.declared()}
    for kind in ("action", "provider", "service", "evaluator", "task"):
        for name in loaded[f"{kind}s"]:
            if (kind, name) not in known:
                yield f"{kind} {name}: the specification does not name it"


def _action(loaded: Mapping[str, Any], action: ActionSpec) -> Iterator[str]:
    if loaded["effect"] != action.effect:
        yield f"action {action.name}: its effect is {loaded['effect']!r}, not {action.effect!r}"
    schema = loaded["schema"]
    properties, required = schema.get("properties", {}), set(schema.get("required", ()))
    for name in sorted(set(properties) - {one.name for one in action.parameters}):
        yield f"action {action.name}: the specification has no parameter {name!r}"
    for parameter in action.parameters:
        if parameter.name not in properties:
            yield f"action {action.name}: the parameter {parameter.name!r} is missing"
            continue
        place = f"action {action.name}: parameter {parameter.name!r}"
        types = _types(properties[parameter.name], schema.get("$defs", {}))
        if types and not _agree(types, parameter):
            yield f"{place} is of type {' or '.join(sorted(types))}, not {parameter.type}"
        if parameter.required and parameter.name not in required:
            yield f"{place} must be required"
        if not parameter.required and parameter.name in required:
            yield f"{place} must not be required"


def _agree(types: set[str], parameter: Parameter) -> bool:
    if parameter.type == "number":
        return bool(types & {"number", "integer"})
    return parameter.type in types


def _types(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema allows; none where it allows any."""
    if "$ref" in schema:
        return _types(definitions.get(schema["$ref"].rpartition("/")[2], {}), definitions)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found = [_types(one, definitions) for one in schema[key]]
            return set() if not all(found) else set().union(*found)
    if "type" in schema:
        return {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    return {_json_type(value) for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]}


def _json_type(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
