"""`pyproject.toml` and its neighbours: what they may say, read before anything is built."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from practicum.plugins.dependencies.policy import DependencyPolicy, judge, name_of, normalised
from practicum.plugins.pipeline.checking import Clock
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.specification import PluginSpecification

FILE = "pyproject.toml"
_BACKEND = "hatchling.build"
_FOREIGN = frozenset({"setup.py", "setup.cfg", "hatch.toml", "hatch_build.py", "MANIFEST.in", "pytest.ini", "tox.ini"})
_STARTUP = frozenset({"sitecustomize.py", "usercustomize.py"})


def check_manifest(snapshot: Snapshot, spec: PluginSpecification) -> CheckResult:
    """Whether building runs nothing of the plugin, and the metadata say what the specification says. Blocks."""
    clock = Clock()
    problems = [*snapshot.problems, *_files(snapshot, spec)]
    try:
        parsed = tomllib.loads(snapshot.read(FILE)) if FILE in snapshot.files else None
    except tomllib.TOMLDecodeError as error:
        return clock.result("manifest", "cannot be read", [*problems, _wrong(f"is no TOML: {error}")])
    if parsed is None:
        return clock.result("manifest", "missing", [*problems, _wrong("is missing")])
    problems += _build(parsed)
    problems += _project(_table(parsed, "project"), spec)
    return clock.result("manifest", "builds with hatchling, runs nothing of its own", problems)


def check_names(spec: PluginSpecification, policy: DependencyPolicy) -> list[Problem]:
    """What is wrong with the dependencies, by their names alone."""
    return judge(spec.dependencies, policy)


def _files(snapshot: Snapshot, spec: PluginSpecification) -> Iterator[Problem]:
    for name in snapshot.files:
        last = name.rpartition("/")[2]
        if name in _FOREIGN:
            yield Problem(f"{name}: everything about building and testing stands in {FILE}", name, code="manifest")
        elif last in _STARTUP:
            yield Problem(f"{name} would run whenever Python starts", name, code="manifest")
        elif last.endswith(".pth"):
            yield Problem(f"{name}: a .pth file would run code whenever Python starts", name, code="manifest")
    if f"src/{spec.package}/__init__.py" not in snapshot.files:
        yield Problem(f"there is no src/{spec.package}/__init__.py", code="manifest")


def _build(parsed: dict[str, Any]) -> Iterator[Problem]:
    system = _table(parsed, "build-system")
    if system.get("build-backend") != _BACKEND:
        yield _wrong(f"[build-system] build-backend must be {_BACKEND!r}, not {system.get('build-backend')!r}")
    if "backend-path" in system:
        yield _wrong("[build-system] backend-path would run the plugin's own code to build it")
    requires = system.get("requires")
    if not isinstance(requires, list) or [name_of(str(one)) for one in requires] != ["hatchling"]:
        yield _wrong("[build-system] requires must be hatchling and nothing else: what is named there runs when built")
    hatch = _table(_table(parsed, "tool"), "hatch")
    for place in _hooks(hatch, "tool.hatch"):
        yield _wrong(f"[{place}] would run code while the plugin is built")
    version = _table(hatch, "version")
    if version.get("source", "regex") != "regex":
        yield _wrong("[tool.hatch.version] source may not run code: write the version into [project]")
    for tool in ("mypy", "ruff", "coverage", "hatch.envs"):
        table: Any = _table(parsed, "tool")
        for part in tool.split("."):
            table = _table(table, part)
        if table:
            yield Problem(
                f"[tool.{tool}] does not count: the pipeline has its own settings", FILE, 0, "manifest", "warning"
            )


def _hooks(table: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in table.items():
        here = f"{place}.{key}"
        if (
            key == "hooks"
            or (key == "build-hooks" and value)
            or (
                key in ("require-runtime-dependencies", "require-runtime-features", "dependencies")
                and "build" in place
                and value
            )
        ):
            yield here
        elif isinstance(value, dict):
            yield from _hooks(value, here)


def _project(project: dict[str, Any], spec: PluginSpecification) -> Iterator[Problem]:
    name = normalised(str(project.get("name", "")))
    if name not in (f"{spec.name}-plugin", spec.name):
        yield _wrong(f"[project] name must be {spec.name}-plugin, not {project.get('name')!r}")
    if project.get("version") != spec.version:
        yield _wrong(f"[project] version must be {spec.version!r}, not {project.get('version')!r}")
    if project.get("dynamic"):
        yield _wrong("[project] dynamic: nothing may be computed while the plugin is built")
    for key in ("scripts", "gui-scripts"):
        if project.get(key):
            yield _wrong(f"[project.{key}] would install programs")
    dependencies = project.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(one, str) for one in dependencies):
        yield _wrong("[project] dependencies must be a list of requirements")
        return
    wanted = {_spaceless(one) for one in spec.dependencies}
    for text in dependencies:
        if name_of(text) == "practicum":
            yield _wrong(f"{text!r}: whoever loads a plugin has Practicum; leave it out")
        elif _spaceless(text) not in wanted:
            yield _wrong(f"the dependency {text[:200]!r} is not in the specification")
    for text in sorted(wanted - {_spaceless(one) for one in dependencies}):
        yield _wrong(f"the dependency {text!r} of the specification is missing")
    if project.get("optional-dependencies"):
        yield _wrong("[project.optional-dependencies]: a plugin has one set of dependencies")


def _spaceless(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _table(parent: dict[str, Any], key: str) -> dict[str, Any]:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def _wrong(message: str) -> Problem:
    return Problem(message, FILE, code="manifest")
