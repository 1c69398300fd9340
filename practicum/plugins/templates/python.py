"""A Python plugin: the scaffold that every one has, and a whole one from templates."""

from __future__ import annotations

import json
from importlib import import_module

from practicum.errors import UsageError
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.actions import actions_module, basis
from practicum.plugins.templates.checks import specification_tests
from practicum.plugins.templates.others import evaluators_module, providers_module, services_module, tasks_module
from practicum.plugins.templates.project import pyproject, readme
from practicum.plugins.templates.remarks import remarks
from practicum.plugins.templates.services import service_class
from practicum.plugins.templates.text import docstring, identifier, literal

TESTS = "tests/test_specification.py"


def scaffold(spec: PluginSpecification) -> dict[str, str]:
    """The files that every Python plugin has before anybody wrote one: path to text.

    Its package declares a plugin without components, so nothing passes that nobody wrote.
    """
    source = f"Made by Practicum for the specification of `{spec.name}` {spec.version}."
    return {
        "pyproject.toml": pyproject(spec),
        "README.md": readme(spec, source, []),
        f"src/{spec.package}/__init__.py": _package(spec, {}),
        f"src/{spec.package}/py.typed": "",
        TESTS: specification_tests(spec),
    }


def held(spec: PluginSpecification, scaffold: dict[str, str]) -> dict[str, str]:
    """Those files of a scaffold that whoever writes the plugin cannot change: how it is built, and the specification's
    tests. Its code (below `src`) and its README are the author's.
    """
    return {path: text for path, text in scaffold.items() if not path.startswith("src/") and path != "README.md"}


def generate(spec: PluginSpecification) -> dict[str, str]:
    """A whole plugin from templates, labelled as such.

    What the specification says (formulas, examples, texts, patterns) is code; behind a name that it only describes is a
    `PluginError` with `UNIMPLEMENTED`.

    Raises:
        UsageError: there are no templates for its language.
    """
    if spec.toolchain != "python":
        return _of_another_language(spec)
    modules: dict[str, list[str]] = {}
    files = scaffold(spec)
    package = f"src/{spec.package}"
    if spec.actions:
        files[f"{package}/actions.py"] = actions_module(spec.actions)
        modules["actions"] = [identifier(one.name) for one in spec.actions]
    if spec.providers:
        files[f"{package}/providers.py"] = providers_module(spec.providers)
        modules["providers"] = [identifier(one.name) for one in spec.providers]
    if spec.services:
        files[f"{package}/services.py"] = services_module(spec.services)
        modules["services"] = [service_class(one) for one in spec.services]
    if spec.evaluators:
        files[f"{package}/evaluators.py"] = evaluators_module(spec.evaluators)
        modules["evaluators"] = [identifier(one.name) for one in spec.evaluators]
    if spec.tasks:
        files[f"{package}/tasks.py"] = tasks_module(spec.tasks, spec.actions, spec.package)
        modules["tasks"] = [identifier(one.name) for one in spec.tasks]
    files[f"{package}/__init__.py"] = _package(spec, modules)
    source = "Written from templates, without a model. It does what the specification spells out and no more."
    files["README.md"] = readme(spec, source, remarks(spec, basis))
    return files


def _of_another_language(spec: PluginSpecification) -> dict[str, str]:
    """Every toolchain may bring templates of its own."""
    name = f"practicum.plugins.toolchains.{spec.toolchain}.templates"
    try:
        made: dict[str, str] = import_module(name).generate(spec)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name not in (name, name.rpartition(".")[0]):
            raise
        hint = "give a model: --model anthropic/NAME"
        raise UsageError(f"there are no templates for {spec.toolchain}", hint=hint) from error
    return made


def _package(spec: PluginSpecification, modules: dict[str, list[str]]) -> str:
    names = ["Plugin", *(["Variable"] if spec.environment else [])]
    own = f"\nfrom {spec.package} import {', '.join(sorted(modules))}\n" if modules else ""
    lines = [
        docstring(spec.description, indent=""),
        "",
        "from __future__ import annotations",
        "",
        f"from practicum.api.plugin import {', '.join(names)}",
        own,
        "plugin = Plugin(",
        f"    name={json.dumps(spec.name)},",
        f"    version={json.dumps(spec.version)},",
        f"    description={literal(spec.description, 4)},",
    ]
    for kind, found in modules.items():
        lines += [f"    {kind}=(", *(f"        {kind}.{name}," for name in found), "    ),"]
    if spec.environment:
        lines.append("    environment=(")
        for one in spec.environment:
            flags = f"required={one.required}, sensitive={one.sensitive}"
            lines.append(f"        Variable({one.name!r}, {literal(one.description, 8)}, {flags}),")
        lines.append("    ),")
    for key in ("capabilities", "hosts"):
        if getattr(spec, key):
            lines.append(f"    {key}={getattr(spec, key)!r},")
    return "\n".join([*lines, ")"]) + "\n"
