"""Files of TypeScript plugins, as text: nothing is started."""

from __future__ import annotations

import json

import pytest
from typescript_kit import SPEC

from practicum.plugins.specification import PluginSpecification, Type
from practicum.plugins.templates.formula import FormulaError
from practicum.plugins.toolchains.typescript import generate, scaffold
from practicum.plugins.toolchains.typescript.modules import TEMPLATE
from practicum.plugins.toolchains.typescript.templates import held
from practicum.plugins.toolchains.typescript.templates.configuration import version
from practicum.plugins.toolchains.typescript.templates.formula import render
from practicum.plugins.toolchains.typescript.templates.others import every, pattern
from practicum.plugins.toolchains.typescript.templates.text import comment, identifier, literal

PARAMETERS: dict[str, Type] = {"a": "number", "n": "integer", "text": "string", "on": "boolean", "items": "array"}


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a / 2", ("divide(given.a, 2)", "number")),
        ("-n ** 2", ("(-finite(Math.pow(given.n, 2)))", "number")),
        ("n // 2 % 3", ("modulo(floorDivide(given.n, 2), 3)", "integer")),
        ("round(a, 2)", ("round(given.a, 2)", "number")),
        ("1 < a <= 3 and not on", ("((1 < given.a && given.a <= 3) && (!given.on))", "boolean")),
        ("text.upper() + '!'", ('(given.text.toUpperCase() + "!")', "string")),
        ("f'{text}: {n}'", ('(given.text + ": " + String(given.n))', "string")),
        ("text.replace('a', '$&')", ('given.text.replaceAll("a", () => "$&")', "string")),
        ("sqrt(a) if a > 0 else pi", ("((given.a > 0) ? finite(Math.sqrt(given.a)) : Math.PI)", "number")),
    ],
)
def test_a_formula_is_written_so_that_it_means_the_same(formula: str, wanted: tuple[str, str]) -> None:
    assert render(formula, PARAMETERS) == wanted


@pytest.mark.parametrize("formula", ["str(a)", "items[0]", "text < 'b'", "a and n", "f'{a:.2f}'", "__import__('os')"])
def test_what_typescript_would_mean_otherwise_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        render(formula, PARAMETERS)


@pytest.mark.parametrize(
    ("schedule", "milliseconds"),
    [("every 30s", 30_000), ("every 2h", 7_200_000), ("*/5 * * * *", 300_000), ("* * * * *", 60_000), ("0 8 * * 1", 0)],
)
def test_schedules_are_intervals(schedule: str, milliseconds: int) -> None:
    assert every(schedule) == milliseconds


def test_patterns_that_javascript_reads_otherwise_are_none() -> None:
    assert pattern(r"(?P<year>\d{4})-x") == r"^(?:(?<year>\d{4})-x)$"
    assert [pattern(text) for text in (r"(?i)abc", r"\Aabc\Z", r"a++", "(", r"(?P<a>x)(?P=a)")] == [""] * 5


def test_hostile_words_stay_words() -> None:
    assert comment("ends */ here\n/* and */") == "/** ends * / here /* and * / */"
    assert literal({"__proto__": 1, "a-b": "`${x}`"}) == '{ ["__proto__"]: 1, "a-b": "`${x}`" }'
    names = ["new", "a_b", "a__b", "a_1", "a1"]
    assert len({identifier(name, "Action") for name in names}) == len(names)


def test_the_scaffold_has_no_component_and_holds_what_decides() -> None:
    files = scaffold(SPEC)
    assert "actions" not in files["src/index.ts"]
    assert set(held(SPEC)) == set(files) - {"README.md", "src/index.ts", "src/json.ts", "src/support.ts"}
    assert generate(SPEC)["package.json"] == files["package.json"]
    about = json.loads(files["package.json"])
    assert about["agentConfig"]["pluginParameters"]["PLACE"]["required"] is False
    assert about["peerDependencies"] == {"@elizaos/core": f"^{about['devDependencies']['@elizaos/core']}"}


def test_a_version_is_written_as_npm_wants_it() -> None:
    made = PluginSpecification.model_validate({**SPEC.model_dump(), "version": "1.2.0rc3"})
    assert version(made) == "1.2.0-rc.3"


def test_every_package_of_the_lock_has_a_digest_and_no_address() -> None:
    lock = json.loads((TEMPLATE / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert len(packages) > 300
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert "http" not in (TEMPLATE / "package-lock.json").read_text()
