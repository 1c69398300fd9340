"""Plugins from templates: they do what the specification spells out, and say where it does not."""

from __future__ import annotations

import asyncio
import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practicum.api.plugin import Plugin, PluginContext, PluginError
from practicum.errors import UsageError
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates import UNIMPLEMENTED, generate, held, scaffold, unimplemented
from practicum.plugins.templates.formula import FormulaError, render

FULL: dict[str, Any] = {
    "name": "unit-converter",
    "description": 'Converts "units"\\ and """more""" things\nthan one',
    "actions": [
        {
            "name": "to_fahrenheit",
            "description": "Celsius to Fahrenheit",
            "parameters": [{"name": "celsius", "type": "number", "description": 'in "degrees"'}],
            "returns": "number",
            "formula": "celsius * 9 / 5 + 32",
            "examples": [
                {"input": {"celsius": 100}, "output": 212},
                {"input": {"celsius": "x"}, "error": "valid number"},
            ],
        },
        {
            "name": "import",
            "description": "Names that mean something else in Python.",
            "parameters": [
                {"name": "from", "choices": ["km", "m"]},
                {"name": "schema", "type": "integer", "default": 4},
                {"name": "opt", "type": "number", "required": False},
                {"name": "result", "type": "number", "choices": [0.5, 1.5], "default": 0.5},
            ],
            "formula": "{'root': sqrt(schema), 'more': opt + result}",
            "examples": [
                {"input": {"from": "km", "opt": 1}, "output": {"root": 2, "more": 1.5}},
                {"input": {"from": "km"}, "error": "opt is needed"},
                {"input": {"from": "mi"}, "error": "km"},
                {"input": {"from": "m", "opt": 1, "result": 7}, "error": "one of 0.5, 1.5"},
            ],
        },
        {
            "name": "country",
            "description": "The country of a code.",
            "parameters": [{"name": "code"}, {"name": "language", "default": "en"}],
            "returns": "string",
            "examples": [
                {"input": {"code": "de"}, "output": "Germany"},
                {"input": {"code": "xx"}, "error": "no such code"},
            ],
        },
        {"name": "ping", "description": "Says pong.", "returns": "string", "formula": "'pong'", "effect": "read"},
        {
            "name": "divide",
            "description": "Divides.",
            "parameters": [{"name": "a", "type": "number"}, {"name": "b", "type": "number"}],
            "returns": "number",
            "formula": "a / b",
            "examples": [{"input": {"a": 1, "b": 0}, "error": "cannot be worked out"}],
        },
    ],
    "providers": [
        {"name": "facts", "description": "Facts.", "text": 'Hello {config.who}, it is {now}. {other} "x"'},
        {"name": "fixed", "description": "Fixed.", "text": "The text. " * 20},
    ],
    "services": [
        {"name": "tally", "description": "Counts.", "keeps": "counter"},
        {"name": "store", "description": "Keeps.", "keeps": "cache"},
        {"name": "line", "description": "Waits.", "keeps": "queue"},
    ],
    "evaluators": [
        {
            "name": "is_code",
            "description": "A code.",
            "pattern": r"[A-Z]{2}\d+",
            "examples": [{"input": {"value": "AB1"}, "output": True}, {"input": {"value": "AB1x"}, "output": False}],
        },
        {"name": "known", "description": "Known.", "examples": [{"input": {"value": {"a": [1]}}, "output": True}]},
    ],
    "tasks": [{"name": "tick", "description": "Ticks.", "schedule": "every 30s", "calls": "ping"}],
    "environment": [{"name": "API_TOKEN", "description": "A token.", "required": True, "sensitive": True}],
    "capabilities": ["env", "secrets"],
    "hosts": ["api.example.org"],
    "dependencies": ["python-dateutil>=2.9"],
}
SPEC = PluginSpecification.model_validate(FULL)
CONTEXT = PluginContext("unit-converter", config={"who": "Ada"}, now="2030-01-01T00:00:00+00:00", log=lambda _: None)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The generated package and its tests, imported here: our templates, not anybody's code."""
    for path, text in generate(SPEC).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    monkeypatch.syspath_prepend(str(tmp_path / "tests"))
    yield {name: importlib.import_module(name) for name in (SPEC.package, "test_specification")}
    for name in [name for name in sys.modules if name.startswith(SPEC.package) or name == "test_specification"]:
        del sys.modules[name]


@pytest.fixture
def plugin(modules: dict[str, ModuleType]) -> Plugin:
    made = modules[SPEC.package].plugin
    assert isinstance(made, Plugin)
    return made


async def call(plugin: Plugin, name: str, **given: Any) -> Any:
    action = next(one for one in plugin.actions if one.name == name)
    checked = action.arguments.model_validate(given)
    return await action.function(CONTEXT, **{field: getattr(checked, field) for field in type(checked).model_fields})


def test_the_tests_of_the_specification_pass_and_hold_each_example(modules: dict[str, ModuleType]) -> None:
    tests = {name: value for name, value in vars(modules["test_specification"]).items() if name.startswith("test_")}
    examples = sum(len(one.examples) for one in (*SPEC.actions, *SPEC.evaluators))
    assert sum("_example_" in name for name in tests) == examples
    for test in tests.values():
        test()


def test_a_wrong_plugin_fails_the_tests_of_the_specification(modules: dict[str, ModuleType]) -> None:
    tests = modules["test_specification"]
    tests.plugin = Plugin("unit-converter", "0.1.0")  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match="missing"):
        tests.test_every_component_of_the_specification_is_there()
    with pytest.raises(KeyError):
        tests.test_to_fahrenheit_example_1()


async def test_every_declared_component_is_there_and_does_what_it_says(plugin: Plugin) -> None:
    assert [one.name for one in plugin.actions] == [one.name for one in SPEC.actions]
    assert await call(plugin, "to_fahrenheit", celsius=37) == pytest.approx(98.6)
    assert await call(plugin, "country", code="de") == "Germany"
    texts = [await one.function(CONTEXT) for one in plugin.providers]
    assert texts[0] == 'Hello Ada, it is 2030-01-01T00:00:00+00:00. {other} "x"'
    assert texts[1] == "The text. " * 20
    assert [(one.name, one.sensitive) for one in plugin.environment] == [("API_TOKEN", True)]
    assert plugin.capabilities == ("env", "secrets")
    said: list[str] = []
    await plugin.tasks[0].function(PluginContext("x", log=said.append))
    assert said == ["ping: pong"]


async def test_what_only_examples_say_is_refused_for_everything_else(plugin: Plugin) -> None:
    with pytest.raises(PluginError, match="not specified for these arguments"):
        await call(plugin, "country", code="fr")
    with pytest.raises(PluginError, match="not specified"):
        await call(plugin, "country", code="de", language="fr")
    known = next(one for one in plugin.evaluators if one.name == "known")
    with pytest.raises(PluginError, match="not specified"):
        await known.function(CONTEXT, "other")


async def test_services_hold_what_they_are_for(plugin: Plugin) -> None:
    tally, store, line = (make() for make in plugin.services)
    for service in (tally, store, line):
        assert await service.health() == "not started"
        await service.start(CONTEXT)
        assert await service.health() == ""
    assert (tally.add("a"), tally.add("a"), tally.value("b")) == (1, 2, 0)  # type: ignore[attr-defined]
    store.most = 2  # type: ignore[attr-defined]
    for key in "abc":
        store.put(key, key)  # type: ignore[attr-defined]
    assert (store.get("a"), store.get("c")) == (None, "c")  # type: ignore[attr-defined]
    line.put(1)  # type: ignore[attr-defined]
    assert (line.take(), line.take()) == (1, None)  # type: ignore[attr-defined]
    line.most = 0  # type: ignore[attr-defined]
    with pytest.raises(PluginError, match="full"):
        line.put(1)  # type: ignore[attr-defined]
    await tally.stop()
    assert tally.value("a") == 0  # type: ignore[attr-defined]


def test_it_says_honestly_that_it_is_from_templates_and_what_it_rests_on() -> None:
    readme = generate(SPEC)["README.md"]
    assert "Written from templates, without a model." in readme
    assert "`country` knows its 2 examples and refuses anything else." in readme


BARE = PluginSpecification.model_validate(
    {
        "name": "vague",
        "description": "Vague.",
        "actions": [{"name": "think", "description": "Thinks."}],
        "providers": [{"name": "wisdom", "description": "Wise."}],
        "services": [{"name": "muse", "description": "Inspires."}],
        "evaluators": [{"name": "is_wise", "description": "Wise?"}],
        "tasks": [{"name": "ponder", "description": "Ponders.", "schedule": "every 60s"}],
    }
)


def test_what_is_only_described_carries_the_mark_in_every_kind() -> None:
    files = generate(BARE)
    assert [path.rpartition("/")[2] for path in unimplemented(files)] == [
        *("actions.py", "providers.py", "services.py", "evaluators.py", "tasks.py"),
    ]
    assert files["README.md"].count("is not implemented") == 5
    assert unimplemented(generate(SPEC)) == []
    scope: dict[str, Any] = {}
    exec(compile(files["src/vague_plugin/actions.py"], "actions.py", "exec"), scope)
    with pytest.raises(PluginError, match=f"^{UNIMPLEMENTED}"):
        asyncio.run(scope["think"].function(CONTEXT))


def test_the_scaffold_declares_no_component_so_nothing_passes_that_nobody_wrote() -> None:
    files = scaffold(SPEC)
    assert "actions" not in files[f"src/{SPEC.package}/__init__.py"]
    assert set(held(SPEC, files)) == {"pyproject.toml", "tests/test_specification.py"}
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"]["description"] == 'Converts "units"\\ and """more""" things than one'
    assert project["project"]["dependencies"] == ["python-dateutil>=2.9"]
    assert project["project"]["entry-points"]["practicum.plugins"] == {
        "unit-converter": "unit_converter_plugin:plugin",
    }


_TEXT = st.text(max_size=40)


@given(
    _TEXT.filter(str.strip),
    _TEXT,
    _TEXT,
    st.recursive(st.none() | st.booleans() | st.integers() | _TEXT, st.lists, max_leaves=5),
)
@settings(max_examples=25, deadline=None)
def test_hostile_text_stays_text(description: str, text: str, told: str, value: Any) -> None:
    spec = PluginSpecification.model_validate(
        {
            "name": "x",
            "description": description,
            "actions": [
                {
                    "name": "a",
                    "description": description,
                    "parameters": [{"name": "p", "description": told}],
                    "examples": [{"input": {"p": text}, "output": value}],
                }
            ],
            "providers": [{"name": "b", "description": description, "text": text}],
            "evaluators": [{"name": "c", "description": description, "examples": [{"input": {"value": value}}]}],
            "environment": [{"name": "V", "description": told}],
        }
    )
    for path, code in generate(spec).items():
        if path.endswith(".py"):
            compile(code, path, "exec")
        if path == "pyproject.toml":
            tomllib.loads(code)


NAMES = {"a": "a", "from": "from_", "text": "text"}


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("a * 2 + 1", "a * 2 + 1"),
        ("sqrt(a) + pi", "math.sqrt(a) + math.pi"),
        ("text.upper() if a > 3 else text[::-1]", "text.upper() if a > 3 else text[::-1]"),
        (
            "{'n': len(text), 'w': [w for w in text.split() if w]}",
            "{'n': len(text), 'w': [w for w in text.split() if w]}",
        ),
        ("f'{text}: {a:.2f}'", "f'{text}: {a:.2f}'"),
        ("{'km': 1000, 'm': 1}[text] * a", "{'km': 1000, 'm': 1}[text] * a"),
        ("sorted(text, reverse=True)", "sorted(text, reverse=True)"),
        ("a <= 1 and not text", "a <= 1 and (not text)"),
    ],
)
def test_formulas_are_written_as_code(formula: str, code: str) -> None:
    assert render(formula, NAMES) == code


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('x')", "a.__class__", "text.format(a)", "text.__len__()", "open('x')", "eval('1')",
        "lambda: 1", "(a := 1)", "unknown + 1", "a; 1", "a = 1", "", "getattr(a, 'x')", "[a for a in text]",
        "[__x for __x in text]", "b'x'", "...", "await a", "*a", "len(*text)", "text.upper",
        "(" * 300 + "a" + ")" * 300,
        "1j", "a if a", "1 + " * 1000 + "1", "math.sqrt(1)", "print(a)", "str.mro()", "text.encode()",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        render(formula, NAMES)


def test_a_language_without_templates_is_said() -> None:
    spec = SPEC.model_copy(update={"toolchain": "cobol"})
    with pytest.raises(UsageError, match="no templates for cobol"):
        generate(spec)
