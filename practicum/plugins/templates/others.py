"""The other modules of a plugin: providers, services, evaluators, tasks."""

from __future__ import annotations

import json
import re

from practicum.plugins.specification import ActionSpec, EvaluatorSpec, ProviderSpec, ServiceSpec, TaskSpec
from practicum.plugins.templates.fillings import FILLING
from practicum.plugins.templates.imports import Imports
from practicum.plugins.templates.marker import UNIMPLEMENTED
from practicum.plugins.templates.services import service
from practicum.plugins.templates.text import docstring, identifier, literal


def providers_module(specs: tuple[ProviderSpec, ...]) -> str:
    """`providers.py`."""
    imports = Imports()
    imports.use("practicum.api.plugin", "PluginContext", "provider")
    return imports.above('"""What agents should know."""', "\n\n\n".join(_provider(one, imports) for one in specs))


def services_module(specs: tuple[ServiceSpec, ...]) -> str:
    """`services.py`."""
    imports = Imports()
    imports.use("practicum.api.plugin", "PluginContext")
    return imports.above(
        '"""What lives as long as the plugin is loaded."""', "\n\n\n".join(service(one, imports) for one in specs)
    )


def evaluators_module(specs: tuple[EvaluatorSpec, ...]) -> str:
    """`evaluators.py`."""
    imports = Imports()
    imports.use("typing", "Any")
    imports.use("practicum.api.plugin", "Check", "PluginContext", "evaluator")
    return imports.above(
        '"""What says whether something is good."""', "\n\n\n".join(_evaluator(o, imports) for o in specs)
    )


def tasks_module(specs: tuple[TaskSpec, ...], actions: tuple[ActionSpec, ...], package: str) -> str:
    """`tasks.py`."""
    imports = Imports()
    imports.use("practicum.api.plugin", "PluginContext", "task")
    return imports.above(
        '"""What is done on a schedule."""', "\n\n\n".join(_task(one, imports, package) for one in specs)
    )


def _nothing(name: str, imports: Imports) -> str:
    imports.use("practicum.api.plugin", "PluginError")
    return f'    raise PluginError("{UNIMPLEMENTED} {name} works")'


def _provider(spec: ProviderSpec, imports: Imports) -> str:
    head = [
        f"@provider({json.dumps(spec.name)})",
        f"async def {identifier(spec.name)}(context: PluginContext) -> str:",
        docstring(spec.description),
    ]
    if not spec.text:
        return "\n".join([*head, _nothing(spec.name, imports)])
    parts = []
    position = 0
    for match in FILLING.finditer(spec.text):
        if match.start() > position:
            parts.append(literal(spec.text[position : match.start()], 12))
        name = match[1]
        filled = "context.now" if name == "now" else f'str(context.config.get({name.partition(".")[2]!r}, ""))'
        parts.append(filled)
        position = match.end()
    if position < len(spec.text):
        parts.append(literal(spec.text[position:], 12))
    if len(parts) == 1:
        return "\n".join([*head, f"    return {parts[0]}"])
    return "\n".join(
        [*head, "    return (", *(f"        {'+ ' if at else ''}{one}" for at, one in enumerate(parts)), "    )"]
    )


def _evaluator(spec: EvaluatorSpec, imports: Imports) -> str:
    told = "" if spec.pattern or not spec.examples else "It knows the examples of its specification and nothing else."
    head = [
        f"@evaluator({json.dumps(spec.name)})",
        f"async def {identifier(spec.name)}(context: PluginContext, value: Any) -> Check:",
        docstring(spec.description, told),
    ]
    if spec.pattern and _compiles(spec.pattern):
        imports.use("re")
        before = [f"_{spec.name.upper()}_PATTERN = re.compile({spec.pattern!r})", "", ""]
        body = [
            f"    passed = _{spec.name.upper()}_PATTERN.fullmatch(str(value)) is not None",
            '    return Check(passed, "fits the pattern" if passed else "does not fit the pattern")',
        ]
        return "\n".join([*before, *head, *body])
    if spec.examples:
        imports.use("practicum.api.plugin", "PluginError")
        table = f"_{spec.name.upper()}_EXAMPLES"
        before = [f"{table}: list[tuple[Any, bool, str]] = ["]
        for one in spec.examples:
            parts = (literal(one.input.get("value"), 8), repr(bool(one.output)), repr(one.error))
            before += ["    (", *(f"        {part}," for part in parts), "    ),"]
        before += ["]", '"""Value, verdict and error of each example of the specification."""', "", ""]
        body = [
            f"    for known, passed, error in {table}:",
            "        if known == value:",
            "            if error:",
            "                raise PluginError(error)",
            '            return Check(passed, "as in an example of the specification")',
            f'    raise PluginError("{spec.name}: not specified for this value: no example covers it")',
        ]
        return "\n".join([*before, *head, *body])
    return "\n".join([*head, _nothing(spec.name, imports)])


def _task(spec: TaskSpec, imports: Imports, package: str) -> str:
    head = [
        f"@task({json.dumps(spec.schedule)}, name={json.dumps(spec.name)})",
        f"async def {identifier(spec.name)}(context: PluginContext) -> None:",
        docstring(spec.description),
    ]
    if not spec.calls:
        return "\n".join([*head, _nothing(spec.name, imports)])
    imports.use(package, "actions")
    called = f"actions.{identifier(spec.calls)}"
    body = [
        f"    arguments = {called}.arguments()",
        f"    given = {{field: getattr(arguments, field) for field in {called}.arguments.model_fields}}",
        f"    result = await {called}.function(context, **given)",
        f'    context.log(f"{spec.calls}: {{result}}")',
    ]
    return "\n".join([*head, *body])


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
