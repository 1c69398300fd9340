"""`src/actions.ts`: each action from its formula, or else from its examples, or else honestly not there."""

from __future__ import annotations

import re

from pydantic import JsonValue

from practicum.plugins.specification import ActionSpec, Parameter, Type
from practicum.plugins.templates.formula import FormulaError
from practicum.plugins.templates.marker import UNIMPLEMENTED
from practicum.plugins.toolchains.typescript.templates.formula import HELPERS, render
from practicum.plugins.toolchains.typescript.templates.text import comment, identifier, literal, string, upper

NOT_SPECIFIED = "not specified for these arguments: no example covers them"

_TYPES: dict[Type, str] = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "array": "Json[]",
    "object": "Record<string, Json>",
}


def actions_module(actions: tuple[ActionSpec, ...]) -> str:
    """The whole file."""
    text = "\n\n".join(_action(spec) for spec in actions)
    helpers = [name for name in HELPERS if re.search(rf"(?<![.\w]){name}\(", text)]
    values = [*(["same"] if "same(" in text else []), *(["type Json"] if "Json" in text else [])]
    lines = [
        comment("What agents may ask the plugin to do."),
        "",
        "import type { Action } from '@elizaos/core';",
        *([f"import {{ {', '.join(helpers)} }} from './arithmetic';"] if helpers else []),
        *([f"import {{ {', '.join(values)} }} from './json';"] if values else []),
        "import { action } from './support';",
    ]
    return "\n".join([*lines, "", text]) + "\n"


def basis(spec: ActionSpec) -> str:
    """What the code of an action rests on: `formula`, `examples`, or empty when there is nothing."""
    if spec.formula:
        try:
            _, found = render(spec.formula, {one.name: one.type for one in spec.parameters})
        except FormulaError:
            found = ""
        if found == spec.returns or (found == "integer" and spec.returns == "number"):
            return "formula"
    return "examples" if spec.examples else ""


def _action(spec: ActionSpec) -> str:
    before, body = {"formula": _formula, "examples": _examples, "": _nothing}[basis(spec)](spec)
    about: dict[str, JsonValue] = {
        "name": upper(spec.name),
        "description": spec.description,
        "effect": spec.effect,
        "parameters": {
            "type": "object",
            "properties": {one.name: _schema(one) for one in spec.parameters},
            "required": [one.name for one in spec.parameters if _must(one)],
            "additionalProperties": False,
        },
    }
    used = re.search(r"\bgiven\b", body) is not None
    arguments = f"<{{ {'; '.join(_declaration(one) for one in spec.parameters)} }}>" if "given." in body else ""
    return "\n".join(
        [
            *before,
            comment(spec.description),
            f"export const {identifier(spec.name, 'Action')}: Action = action{arguments}(",
            f"  {literal(about, 2)},",
            f"  ({'given' if used else ''}) => {{",
            body,
            "  },",
            ");",
        ]
    )


def _schema(parameter: Parameter) -> JsonValue:
    made: dict[str, JsonValue] = {"type": parameter.type}
    if parameter.description:
        made["description"] = parameter.description
    if parameter.default is not None:
        made["default"] = parameter.default
    if parameter.choices:
        made["enum"] = list(parameter.choices)
    return made


def _must(parameter: Parameter) -> bool:
    return parameter.required and parameter.default is None


def _declaration(parameter: Parameter) -> str:
    optional = "" if _must(parameter) or parameter.default is not None else "?"
    return f"{parameter.name}{optional}: {_TYPES[parameter.type]}"


def _formula(spec: ActionSpec) -> tuple[list[str], str]:
    expression, _ = render(spec.formula, {one.name: one.type for one in spec.parameters})
    lines = [
        f"    if (given.{one.name} === undefined) throw new Error({string(f'{one.name} is needed')});"
        for one in spec.parameters
        if not _must(one) and one.default is None and f"given.{one.name}" in expression
    ]
    if any(f"{name}(" in expression for name in ("divide", "floorDivide", "modulo", "finite")):
        said = string(f"{spec.name} cannot be worked out: ")
        lines += [
            "    try {",
            f"      return {expression};",
            "    } catch (error) {",
            f"      throw new Error({said} + (error as Error).message, {{ cause: error }});",
            "    }",
        ]
    else:
        lines.append(f"    return {expression};")
    return [], "\n".join(lines)


def _examples(spec: ActionSpec) -> tuple[list[str], str]:
    defaults: dict[str, JsonValue] = {one.name: one.default for one in spec.parameters if one.default is not None}
    table = identifier(spec.name, "Examples")
    before = [
        comment(f"The examples of {spec.name}: it knows these and nothing else."),
        f"const {table}: {{ input: Json; output: Json; error: string }}[] = [",
    ]
    for one in spec.examples:
        known: JsonValue = {"input": {**defaults, **one.input}, "output": one.output, "error": one.error}
        before.append(f"  {literal(known, 2)},")
    lines = [
        f"    const known = {table}.find((one) => same(one.input, given));",
        f"    if (known === undefined) throw new Error({string(f'{spec.name}: {NOT_SPECIFIED}')});",
        "    if (known.error !== '') throw new Error(known.error);",
        "    return known.output;",
    ]
    return [*before, "];", ""], "\n".join(lines)


def _nothing(spec: ActionSpec) -> tuple[list[str], str]:
    return [], f"    throw new Error({string(f'{UNIMPLEMENTED} {spec.name} works')});"
