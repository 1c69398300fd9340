"""`tests/test_specification.py`: what the specification promises, as tests. A model cannot change this file."""

from __future__ import annotations

from pydantic import JsonValue

from practicum.plugins.specification import ActionSpec, Example, PluginSpecification, Type
from practicum.plugins.templates.fillings import config_keys, filled
from practicum.plugins.templates.imports import Imports
from practicum.plugins.templates.made_up import value_of
from practicum.plugins.templates.text import docstring, literal

_NOW = "2030-01-02T03:04:05+00:00"

_HELPERS = '''
CONTEXT = PluginContext({name!r}, config={config}, now="{now}")


def parts(kind: str) -> dict[str, Any]:
    """Every component of a kind by its name."""
    return {{one.name: one for one in getattr(plugin, kind)}}


def same(found: Any, wanted: Any) -> bool:
    """Equal, with numbers as exact as floating point is."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return bool(found == wanted)


def call(name: str, given: dict[str, Any]) -> Any:
    """What an action gives, as JSON."""
    action = parts("actions")[name]
    checked = action.arguments.model_validate(given)
    arguments = {{field: getattr(checked, field) for field in action.arguments.model_fields}}
    result = asyncio.run(action.function(CONTEXT, **arguments))
    return action.result.dump_python(result, mode="json")


def judge(name: str, value: Any) -> bool:
    """What an evaluator says."""
    return bool(asyncio.run(parts("evaluators")[name].function(CONTEXT, value)).passed)


def test_every_component_of_the_specification_is_there() -> None:
    for kind, names in DECLARED.items():
        found = {{getattr(one, "name", "") for one in getattr(plugin, kind)}}
        assert found >= set(names), f"{{kind}}: missing {{sorted(set(names) - found)}}"


def test_the_plugin_says_its_name_and_version() -> None:
    assert (plugin.name, plugin.version) == ({name!r}, {version!r})
'''


def specification_tests(spec: PluginSpecification) -> str:
    """The file."""
    imports = Imports()
    imports.use("asyncio")
    imports.use("math")
    imports.use("typing", "Any")
    imports.use(spec.package, "plugin")
    imports.use("practicum.api.plugin", "PluginContext")
    kinds = ("actions", "providers", "services", "evaluators", "tasks")
    declared: JsonValue = {kind: [one.name for one in getattr(spec, kind)] for kind in kinds if getattr(spec, kind)}
    config = {key: f"the {key}" for provider in spec.providers for key in config_keys(provider.text)}
    code = [
        f"DECLARED: dict[str, list[str]] = {literal(declared)}",
        _HELPERS.format(name=spec.name, version=spec.version, config=config, now=_NOW),
    ]
    for action in spec.actions:
        for number, example in enumerate(action.examples, 1):
            code.append(_example("call", action.name, example, number, literal(example.input, 8), imports))
        if action.formula and not action.examples:
            code.append(_of_its_type(action, imports))
    for evaluator in spec.evaluators:
        for number, example in enumerate(evaluator.examples, 1):
            value = literal(example.input.get("value"), 8)
            code.append(_example("judge", evaluator.name, example, number, value, imports))
    for provider in spec.providers:
        if provider.text:
            wanted = literal(filled(provider.text, config, _NOW), 8)
            code.append(
                f"\ndef test_provider_{provider.name}_says_its_text() -> None:\n"
                f'    found = asyncio.run(parts("providers")[{provider.name!r}].function(CONTEXT))\n'
                f"    assert found == {wanted}\n"
            )
    for service in spec.services:
        if service.keeps:
            code.append(
                f"\ndef test_service_{service.name}_starts_and_stops() -> None:\n"
                "    async def live() -> str:\n"
                f'        made = parts("services")[{service.name!r}]()\n'
                "        await made.start(CONTEXT)\n"
                "        wrong: str = await made.health()\n"
                "        await made.stop()\n"
                "        return wrong\n\n"
                '    assert asyncio.run(live()) == ""\n'
            )
    for task in spec.tasks:
        code.append(
            f"\ndef test_task_{task.name}_has_its_schedule() -> None:\n"
            f'    assert parts("tasks")[{task.name!r}].schedule == {literal(task.schedule)}\n'
        )
    return imports.above(docstring(f"The specification of {spec.name} as tests", indent=""), "\n".join(code))


_TYPES: dict[Type, str] = {
    "string": "is str", "integer": "is int", "number": "in (int, float)", "boolean": "is bool", "array": "is list",
    "object": "is dict",
}  # fmt: skip


def _of_its_type(action: ActionSpec, imports: Imports) -> str:
    """What its formula gives is checked by Practicum, with arguments that nobody has seen; this is what a test can."""
    imports.use("contextlib")
    imports.use("practicum.api.plugin", "PluginError")
    given: JsonValue = {one.name: value_of(one) for one in action.parameters}
    return (
        f"\ndef test_{action.name}_gives_its_type_or_refuses() -> None:\n"
        "    with contextlib.suppress(PluginError, ValueError):\n"
        f"        found = call({action.name!r}, {literal(given, 12)})\n"
        f"        assert type(found) {_TYPES[action.returns]}\n"
    )


def _example(function: str, name: str, example: Example, number: int, given: str, imports: Imports) -> str:
    head = f"\ndef test_{name}_example_{number}() -> None:\n"
    call = f"{function}({name!r}, {given})"
    if example.error:
        imports.use("pytest")
        imports.use("re")
        imports.use("practicum.api.plugin", "PluginError")
        wanted = f"re.escape({literal(example.error, 8)})"
        return f"{head}    with pytest.raises((PluginError, ValueError), match={wanted}):\n        {call}\n"
    wanted = literal(bool(example.output) if function == "judge" else example.output, 8)
    return f"{head}    found = {call}\n    wanted: Any = {wanted}\n    assert same(found, wanted), found\n"
