"""`pyproject.toml` and `README.md` of a Python plugin."""

from __future__ import annotations

import json

from practicum.plugins.specification import PluginSpecification
from practicum.text import printable


def pyproject(spec: PluginSpecification) -> str:
    """Built with hatchling, found by its entry point. Practicum is not among the dependencies: whoever loads a plugin
    has it, and brings `practicum.api`.
    """
    dependencies = "".join(f"    {_toml(one)},\n" for one in spec.dependencies)
    return f"""[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{spec.name}-plugin"
version = "{spec.version}"
description = {_toml(spec.description)}
readme = "README.md"
requires-python = ">=3.11"
dependencies = [{chr(10) if dependencies else ""}{dependencies}]

[project.entry-points."practicum.plugins"]
{spec.name} = "{spec.package}:plugin"

[tool.hatch.build.targets.wheel]
packages = ["src/{spec.package}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""


def readme(spec: PluginSpecification, source: str, remarks: list[str]) -> str:
    """What it is, what it brings, and who wrote it: `source` is a sentence, `remarks` say what rests on what."""
    lines = [f"# {spec.name}", "", printable(spec.description), "", source, ""]
    lines += [f"- {remark}" for remark in remarks] + ([""] if remarks else [])
    kinds = {"Actions": spec.actions, "Providers": spec.providers, "Services": spec.services}
    kinds |= {"Evaluators": spec.evaluators, "Tasks": spec.tasks}
    for title, items in kinds.items():
        if items:
            lines += [f"## {title}", "", *(f"- `{one.name}`: {printable(one.description)}" for one in items), ""]  # type: ignore[attr-defined]
    if spec.environment:
        lines += ["## Environment", ""]
        for one in spec.environment:
            words = [word for word, holds in (("required", one.required), ("secret", one.sensitive)) if holds]
            told = f" ({', '.join(words)})" if words else ""
            lines.append(f"- `{one.name}`{told}: {printable(one.description)}".rstrip(": "))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _toml(text: str) -> str:
    """A basic string; JSON's escapes are TOML's, when nothing but control characters is escaped."""
    return json.dumps(printable(text), ensure_ascii=False)
