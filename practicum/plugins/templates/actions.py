"""`actions.py` of a plugin: each action from its formula, or else from its examples, or else honestly not there."""

from __future__ import annotations

import json

from pydantic import JsonValue

from practicum.plugins.specification import ActionSpec, Parameter
from practicum.plugins.templates.formula import FormulaError, needs_math, render
from practicum.plugins.templates.imports import Imports
from practicum.plugins.templates.marker import UNIMPLEMENTED
from practicum.plugins.templates.text import docstring, identifier, literal
from practicum.plugins.templates.types import PYTHON, declaration, optional, ordered

NOT_SPECIFIED = "not specified for these arguments: no example covers them"
"""What an action that knows only examples says to everything else."""


def actions_module(actions: tuple[ActionSpec, ...]) -> str:
    """The whole file."""
    imports = Imports()
    imports.use("practicum.api.plugin", "PluginContext", "PluginError", "action")
    bodies = [_action(spec, imports) for spec in actions]
    text = "\n\n\n".join(bodies)
    return imports.above('"""What agents may ask the plugin to do."""', text)


def basis(spec: ActionSpec) -> str:
    """What the code of an action rests on: `formula`, `examples`, or empty when there is nothing."""
    if spec.formula:
        try:
            render(spec.formula, {one.name: identifier(one.name) for one in spec.parameters})
        except FormulaError:
            return ""
        return "formula"
    return "examples" if spec.examples else ""


def _action(spec: ActionSpec, imports: Imports) -> str:
    parameters = ordered(spec.parameters)
    for parameter in parameters:
        imports.use_for(declaration(parameter))
    imports.use_for(PYTHON[spec.returns])
    told, body, before = {"formula": _formula, "examples": _examples, "": _nothing}[basis(spec)](spec, imports)
    arguments = ["context: PluginContext", *(declaration(parameter) for parameter in parameters)]
    signature = f"async def {identifier(spec.name)}({', '.join(arguments)}) -> {PYTHON[spec.returns]}:"
    if len(signature) > 110:
        signature = "\n".join(
            [
                f"async def {identifier(spec.name)}(",
                *(f"    {one}," for one in arguments),
                f") -> {PYTHON[spec.returns]}:",
            ]
        )
    lines = [f'@action(effect="{spec.effect}", name={json.dumps(spec.name)})', signature]
    lines += [docstring(spec.description, told), *_choices(parameters), *body]
    return "\n".join([*before, *lines])


def _choices(parameters: list[Parameter]) -> list[str]:
    """Checks of choices that no type can say, such as 0.5 or 1.5."""
    lines = []
    for parameter in parameters:
        if parameter.choices and not all(isinstance(choice, str | int | bool) for choice in parameter.choices):
            called = identifier(parameter.name)
            told = f"{parameter.name} is one of " + ", ".join(map(repr, parameter.choices))
            lines += [f"    if {called} not in {list(parameter.choices)!r}:", f"        raise PluginError({told!r})"]
    return lines


Made = tuple[str, list[str], list[str]]
"""A sentence for the docstring, the body's lines, lines before the function."""


def _formula(spec: ActionSpec, imports: Imports) -> Made:
    expression = render(spec.formula, {one.name: identifier(one.name) for one in spec.parameters})
    if needs_math(expression):
        imports.use("math")
    imports.use("typing", "Any", "cast")
    kind = PYTHON[spec.returns]
    lines = []
    for parameter in filter(optional, spec.parameters):
        told = f"{parameter.name} is needed"
        lines += [f"    if {identifier(parameter.name)} is None:", f"        raise PluginError({told!r})"]
    lines += [
        "    try:",
        f"        result: Any = {expression}",
        "    except (ArithmeticError, LookupError, TypeError, ValueError) as error:",
        f'        raise PluginError(f"{spec.name} cannot be worked out: {{error}}") from error',
        f"    return cast({_cast_to(kind)}, result)",
    ]
    return "", lines, []


def _examples(spec: ActionSpec, imports: Imports) -> Made:
    imports.use("typing", "Any", "cast")
    kind = PYTHON[spec.returns]
    defaults: dict[str, JsonValue] = {one.name: one.default for one in spec.parameters}
    table = f"_{spec.name.upper()}_EXAMPLES"
    before = [f"{table}: list[tuple[dict[str, Any], Any, str]] = ["]
    for one in spec.examples:
        arguments: JsonValue = {**defaults, **one.input}
        before += ["    (", *(f"        {literal(part, 8)}," for part in (arguments, one.output, one.error)), "    ),"]
    before += ["]", '"""Arguments, result and error of each example of the specification."""', "", ""]
    given = ", ".join(f'"{one.name}": {identifier(one.name)}' for one in spec.parameters)
    lines = [
        f"    given = {{{given}}}",
        f"    for arguments, result, error in {table}:",
        "        if arguments == given:",
        "            if error:",
        "                raise PluginError(error)",
        f"            return cast({_cast_to(kind)}, result)",
        f'    raise PluginError("{spec.name}: {NOT_SPECIFIED}")',
    ]
    return "It knows the examples of its specification and nothing else.", lines, before


def _nothing(spec: ActionSpec, _: Imports) -> Made:
    return "", [f'    raise PluginError("{UNIMPLEMENTED} {spec.name} works")'], []


def _cast_to(kind: str) -> str:
    return f'"{kind}"' if "[" in kind else kind
