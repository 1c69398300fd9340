"""What a plugin's tests may not do: reach for the runner that counts them, end it, or leave the sandbox's manners."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from practicum.plugins.pipeline.result import Problem
from practicum.plugins.review.capabilities import REACHING, of_module, of_name
from practicum.plugins.review.names import Names, names_of
from practicum.plugins.review.policy import parsed
from practicum.plugins.specification import PluginSpecification

_FREE = frozenset({"fs", "env", ""})
"""Tests write below `tmp_path` and set variables with `monkeypatch`; both are gone with the sandbox."""

_MODULES = frozenset({"pytest", "unittest", "pytest_asyncio", "inspect", "importlib", "pkgutil"})
_ENDING = frozenset(
    {
        "os._exit", "os.abort", "os.kill", "os.killpg", "sys.exit", "builtins.exit", "builtins.quit", "pytest.exit",
        "os.dup", "os.dup2", "os.write", "os.close", "sys.settrace", "sys.setprofile", "gc.get_objects",
        "gc.get_referrers", "sys._getframe", "sys.meta_path", "sys.modules", "builtins.exec", "builtins.eval",
        "builtins.__import__", "builtins.compile", "builtins.globals", "builtins.locals", "builtins.vars",
    }
)  # fmt: skip
_RUNNER = ("pytest", "_pytest", "pluggy", "coverage", "sys", "builtins", "json", "hmac", "hashlib", "os", "time")
_FIXTURE_HOOKS = frozenset({"pytest_generate_tests", "pytest_asyncio_loop_factories", "pytest_asyncio"})
_HOOK = re.compile(r"pytest_[a-z_]+")
_STEERING = frozenset({"pluginmanager", "ihook", "runtest", "add_marker", "applymarker"})
"""Attributes of pytest's objects by which a fixture would change what comes of a test."""


def review_tests(text: str, file: str, spec: PluginSpecification) -> list[Problem]:
    """What is wrong with one file of the tests."""
    tree = parsed(text, file)
    if isinstance(tree, Problem):
        return [tree]
    names = names_of(tree)
    return [
        *_imports(tree, file, spec),
        *_uses(tree, names, file, spec),
        *_hooks(tree, file),
        *_patches(tree, names, file),
    ]


def _imports(tree: ast.Module, file: str, spec: PluginSpecification) -> Iterator[Problem]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                modules = [alias.name for alias in aliases]
            case ast.ImportFrom(level=0, module=str(module)):
                modules = [module]
            case _:
                continue
        for module in modules:
            top = module.partition(".")[0]
            if top in ("_pytest", "pluggy", "coverage", "channel", "hollow", "run_tests"):
                yield _wrong(f"imports {module}: tests do not reach into what runs and counts them", file, node.lineno)
            elif top not in _MODULES:
                need = of_module(module)
                if need == "never":
                    yield _wrong(f"imports {module}, which tests of a plugin may not", file, node.lineno)
                elif need and need not in _FREE and need not in spec.capabilities:
                    yield _needs(f"imports {module}", need, file, node.lineno)


def _uses(tree: ast.Module, names: Names, file: str, spec: PluginSpecification) -> Iterator[Problem]:
    seen: set[tuple[str, int]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Attribute) and node.attr in REACHING - {"__bases__", "__mro__"}:
            yield _wrong(f"uses .{node.attr}", file, line)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/proc/"):
            yield _wrong("looks into /proc: there is nothing to test there", file, line)
        if not isinstance(node, ast.Name | ast.Attribute | ast.Call):
            continue
        name = names.of(node)
        if not name or (name, line) in seen:
            continue
        seen.add((name, line))
        need = of_name(name)
        if any(name == one or name.startswith(f"{one}.") for one in _ENDING):
            shown = name.removeprefix("builtins.")
            yield _wrong(f"uses {shown}: a test neither ends nor rewires the process that counts it", file, line)
        elif need not in (*_FREE, "never") and need not in spec.capabilities:
            yield _needs(f"uses {name.removeprefix('builtins.')}", need, file, line)


def _hooks(tree: ast.Module, file: str) -> Iterator[Problem]:
    """Hooks of pytest, however they come by their name, and what a fixture would steer the runner with."""
    seen: set[tuple[str, int]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for word in _words(node):
            if (word, line) in seen:
                continue
            seen.add((word, line))
            if word == "pytest_plugins":
                yield _wrong("pytest_plugins loads something else into the runner", file, line)
            elif _HOOK.fullmatch(word) and word not in _FIXTURE_HOOKS:
                yield _wrong(f"the hook {word} changes how tests are run or counted", file, line)
            elif word in _STEERING:
                yield _wrong(f"uses .{word}, which changes how tests are run or counted", file, line)


def _words(node: ast.AST) -> tuple[str, ...]:
    """The names in a node, and its text when it is one: `setattr` and dictionaries name things by texts."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            return (name,)
        case ast.keyword(arg=str(name)):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (name.rpartition(".")[2], asname or "")
        case _:
            return ()


def _patches(tree: ast.Module, names: Names, file: str) -> Iterator[Problem]:
    """Assignments to what belongs to the runner, or to the plugin under test as a whole."""
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Call) and names.of(node.func) == "builtins.setattr" and node.args:
            targets = [ast.Attribute(node.args[0], "")]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setattr":
            targets = [ast.Attribute(node.args[0], "")] if node.args else []
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                name = names.of(target.value)
                if name.partition(".")[0] in _RUNNER and not name.startswith("os.environ"):
                    yield _wrong(f"changes {name}, which the runner works with", file, getattr(node, "lineno", 0))
                elif isinstance(target, ast.Attribute) and (target.attr == "obj" or _is_node(target.value)):
                    yield _wrong(f"changes .{target.attr} of a test while it runs", file, getattr(node, "lineno", 0))


def _is_node(value: ast.expr) -> bool:
    """Whether it reads `request.node`, which is the test itself."""
    return isinstance(value, ast.Attribute) and value.attr == "node"


def _needs(what: str, need: str, file: str, line: int) -> Problem:
    message = f"{what}: that needs the capability {need!r}, which the specification does not grant"
    return Problem(message, file, line, f"review:{need}")


def _wrong(message: str, file: str, line: int) -> Problem:
    return Problem(message, file, line, "review:tests")
