"""What the parts of a plugin made by templates rest on, where that is less than their descriptions promise."""

from __future__ import annotations

from collections.abc import Callable

from practicum.plugins.specification import ActionSpec, PluginSpecification


def remarks(
    spec: PluginSpecification, basis: Callable[[ActionSpec], str], takes_pattern: Callable[[str], bool] = bool
) -> list[str]:
    """Sentences for the README of what is made.

    `basis` says what an action is made of: `formula`, `examples` or nothing; `takes_pattern` whether the language has
    an evaluator's pattern.
    """
    found = []
    for action in spec.actions:
        match basis(action):
            case "examples":
                found.append(_knows(action.name, len(action.examples)))
            case "":
                found.append(f"`{action.name}` is not implemented: it has neither a usable formula nor examples.")
    for evaluator in spec.evaluators:
        if evaluator.pattern and takes_pattern(evaluator.pattern):
            continue
        if evaluator.examples:
            found.append(_knows(evaluator.name, len(evaluator.examples)))
        else:
            found.append(f"`{evaluator.name}` is not implemented: it has neither a usable pattern nor examples.")
    found += [f"`{one.name}` is not implemented: it has no text." for one in spec.providers if not one.text]
    found += [f"`{one.name}` is not implemented: it keeps nothing." for one in spec.services if not one.keeps]
    found += [f"`{one.name}` is not implemented: it calls no action." for one in spec.tasks if not one.calls]
    return found


def _knows(name: str, examples: int) -> str:
    return f"`{name}` knows its {examples} examples and refuses anything else."
