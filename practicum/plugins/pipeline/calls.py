"""Which calls show that a plugin does what its specification says, and whether two values are the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from practicum.plugins.specification import Example, PluginSpecification
from practicum.plugins.templates.fillings import config_keys, filled
from practicum.plugins.templates.made_up import required

NOW = "2030-01-02T03:04:05+00:00"
"""What time it is for the calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action, a provider, an evaluator or a task."""

    kind: str
    name: str
    input: dict[str, JsonValue]
    example: Example | None
    """What must come of it; None where the specification gives none, so that any proper answer will do."""
    number: int = 0
    unseen: bool = False
    """Made up for this check: a refusal is as good as the value."""

    @property
    def label(self) -> str:
        """Its name in reports: `action convert (example 2)`."""
        what = "made-up arguments" if self.unseen else "example"
        return f"{self.kind} {self.name}" + (f" ({what} {self.number})" if self.number else "")

    def asked(self) -> dict[str, JsonValue]:
        """What the program inside gets: never what is wanted."""
        return {"call": self.label, "type": self.kind, "part": self.name, "input": self.input}


def calls(spec: PluginSpecification) -> list[Call]:
    """At least one for each declared component but the services, which are started, asked and stopped."""
    return list(_calls(spec))


def _calls(spec: PluginSpecification) -> Iterator[Call]:
    for action in spec.actions:
        for number, example in enumerate(action.examples, 1):
            yield Call("action", action.name, example.input, example, number)
        if not action.examples:
            yield Call("action", action.name, required(action), None)
    for provider in spec.providers:
        fixed = filled(provider.text, configuration(spec), NOW)
        yield Call("provider", provider.name, {}, Example(output=fixed) if provider.text else None)
    for evaluator in spec.evaluators:
        for number, example in enumerate(evaluator.examples, 1):
            yield Call("evaluator", evaluator.name, example.input, example, number)
        if not evaluator.examples:
            yield Call("evaluator", evaluator.name, {"value": "text"}, None)
    for task in spec.tasks:
        yield Call("task", task.name, {}, None)


def configuration(spec: PluginSpecification) -> dict[str, str]:
    """A value for each key of the configuration that the specification's texts name."""
    return {key: f"the {key}" for provider in spec.providers for key in config_keys(provider.text)}


def same(found: Any, wanted: Any) -> bool:
    """Equal as JSON, with numbers as exact as floating point is."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(same(one, two) for one, two in zip(found, wanted, strict=True))
    return bool(found == wanted)


def fits(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a type of the specification."""
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "array": (list,), "object": (dict,),
    }  # fmt: skip
    return isinstance(value, kinds.get(kind, ()))
