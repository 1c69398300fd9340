"""A plugin for elizaOS: the scaffold that every one has, and a whole one from templates."""

from __future__ import annotations

from pathlib import PurePosixPath

from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.project import readme
from practicum.plugins.templates.remarks import remarks
from practicum.plugins.toolchains.typescript.templates.actions import actions_module, basis
from practicum.plugins.toolchains.typescript.templates.checks import specification_tests
from practicum.plugins.toolchains.typescript.templates.configuration import (
    ESLINT,
    VITEST,
    package_json,
    tsconfig_json,
)
from practicum.plugins.toolchains.typescript.templates.others import (
    evaluators_module,
    every,
    pattern,
    providers_module,
    tasks_module,
)
from practicum.plugins.toolchains.typescript.templates.services import services_module
from practicum.plugins.toolchains.typescript.templates.support import JSON, LIBRARY, SUPPORT
from practicum.plugins.toolchains.typescript.templates.text import class_name, identifier, string
from practicum.text import printable

TESTS = "tests/specification.test.ts"


def scaffold(spec: PluginSpecification) -> dict[str, str]:
    """The files that every plugin has before anybody wrote one: path to text.

    Its `src/index.ts` declares a plugin without components, so nothing passes that nobody wrote. What lies below `src`
    and the README are the author's; the other files are made from the specification and are put back.
    """
    source = f"A plugin for elizaOS, made by Practicum for the specification of `{spec.name}` {spec.version}."
    return {
        "package.json": package_json(spec),
        "tsconfig.json": tsconfig_json(),
        "eslint.config.js": ESLINT,
        "vitest.config.ts": VITEST,
        "README.md": readme(spec, source, []),
        "src/index.ts": _index(spec, {}, tasks=False),
        "src/json.ts": JSON,
        "src/support.ts": SUPPORT,
        TESTS: specification_tests(spec),
    }


def held(spec: PluginSpecification) -> dict[str, str]:
    """Those files of the scaffold that whoever writes the plugin cannot change."""
    return {
        path: text
        for path, text in scaffold(spec).items()
        if not path.startswith("src/") and path != "README.md"
    }  # fmt: skip


def generate(spec: PluginSpecification) -> dict[str, str]:
    """A whole plugin from templates, labelled as such.

    What the specification says (formulas, examples, texts, patterns) is code; behind a name that it only describes is
    an `Error` with `practicum.plugins.templates.UNIMPLEMENTED`.
    """
    files = scaffold(spec)
    parts: dict[str, list[str]] = {}
    if spec.actions:
        files["src/actions.ts"] = actions_module(spec.actions)
        parts["actions"] = [identifier(one.name, "Action") for one in spec.actions]
    if spec.providers:
        files["src/providers.ts"] = providers_module(spec.providers)
        parts["providers"] = [identifier(one.name, "Provider") for one in spec.providers]
    if spec.services:
        files["src/services.ts"] = services_module(spec.services)
        parts["services"] = [class_name(one.name, "Service") for one in spec.services]
    if spec.evaluators:
        files["src/evaluators.ts"] = evaluators_module(spec.evaluators)
        parts["evaluators"] = [identifier(one.name, "Evaluator") for one in spec.evaluators]
    if spec.tasks:
        files["src/tasks.ts"] = tasks_module(spec.tasks)
    files["src/index.ts"] = _index(spec, parts, tasks=bool(spec.tasks))
    for path, text in reversed(LIBRARY.items()):  # each may need those before it
        if any(f"from './{PurePosixPath(path).stem}'" in other for other in files.values()):
            files[path] = text
        else:
            files.pop(path, None)
    source = "A plugin for elizaOS, written from templates, without a model. It does what the specification spells out."
    files["README.md"] = readme(spec, source, _remarks(spec))
    return files


def _index(spec: PluginSpecification, parts: dict[str, list[str]], *, tasks: bool) -> str:
    imports = [f"import {{ {', '.join(names)} }} from './{kind}';" for kind, names in parts.items()]
    imports += ["import { registerTasks } from './tasks';"] if tasks else []
    lines = [
        f"/** {printable(spec.description).replace('*/', '* /')} */",
        "",
        "import type { Plugin } from '@elizaos/core';",
        *imports,
        "",
        "const plugin: Plugin = {",
        f"  name: {string(spec.name)},",
        f"  description: {string(spec.description)},",
        *(f"  {kind}: [{', '.join(names)}]," for kind, names in parts.items()),
        *(["  init: async (_config, runtime) => registerTasks(runtime),"] if tasks else []),
        "};",
        "",
        "export default plugin;",
    ]
    return "\n".join(lines) + "\n"


def _remarks(spec: PluginSpecification) -> list[str]:
    return remarks(spec, basis, lambda text: bool(pattern(text))) + [
        f"`{one.name}` has a schedule that elizaOS does not know: it repeats `every 30s`, `every 5m` or `every 1h`."
        for one in spec.tasks
        if not every(one.schedule)
    ]
