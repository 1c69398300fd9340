"""What a plugin's code may do: what needs a capability is held against those that the specification grants (B21)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from practicum.plugins.pipeline.result import Problem
from practicum.plugins.review.capabilities import METHODS, PATH_METHODS, REACHING, Need, of_module, of_name
from practicum.plugins.review.names import Names, names_of
from practicum.plugins.review.side_effects import side_effects
from practicum.plugins.specification import PluginSpecification

_ALWAYS_THERE = frozenset({"pydantic", "pydantic_core", "typing_extensions", "annotated_types"})
_API = ("practicum.api.plugin", "practicum.api")
_PLACES = (
    "/proc/", "/etc/passwd", "/etc/shadow", "/root/", ".ssh/", "id_rsa", ".aws/credentials", ".netrc", "/dev/shm",
    ".git-credentials", ".docker/config.json", ".kube/config", ".pypirc", "169.254.169.254", "metadata.google",
)  # fmt: skip
_LONGEST_BLOB = 1000


@dataclass
class Used:
    """Capabilities that code uses, each with the first place where."""

    places: dict[Need, tuple[int, str]] = field(default_factory=dict)

    def note(self, need: Need, line: int, what: str) -> None:
        self.places.setdefault(need, (line, what))


def parsed(text: str, file: str) -> ast.Module | Problem:
    """The tree of a file, or what is wrong with it."""
    try:
        return ast.parse(text, file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
        return Problem(f"cannot be parsed: {error}", file, line, "review:syntax")


def review_code(text: str, file: str, spec: PluginSpecification) -> list[Problem]:
    """What is wrong with one file of the package."""
    tree = parsed(text, file)
    if isinstance(tree, Problem):
        return [tree]
    names = names_of(tree, spec.package)
    found = [*_imports(tree, file, spec), *_uses(tree, names, file, spec), *_texts(tree, file)]
    return [*found, *side_effects(tree, names, file), *_comments(text, file)]


def _imports(tree: ast.Module, file: str, spec: PluginSpecification) -> Iterator[Problem]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                modules = [alias.name for alias in aliases]
            case ast.ImportFrom(level=0, module=str(module), names=aliases):
                modules = [f"{module}.{alias.name}" for alias in aliases]
            case _:
                continue
        for module in modules:
            yield from _import(module, node.lineno, file, spec)


def _import(module: str, line: int, file: str, spec: PluginSpecification) -> Iterator[Problem]:
    top = module.partition(".")[0]
    if top == spec.package or top in _ALWAYS_THERE:
        return
    if top == "practicum":
        if not module.startswith(_API):
            yield _wrong(f"imports {module}: a plugin has practicum.api and nothing else of Practicum", file, line)
        return
    need = of_module(module)
    if need is None:
        if not spec.dependencies:
            yield _wrong(f"imports {module}, which is not among the dependencies", file, line)
    elif need == "never":
        yield _wrong(f"imports {module}, which no plugin may", file, line)
    elif need and need not in spec.capabilities:
        yield _undeclared(f"imports {module}", need, file, line)


def _uses(tree: ast.Module, names: Names, file: str, spec: PluginSpecification) -> Iterator[Problem]:
    paths = any(origin.split(".")[0] == "pathlib" for origin in names.origin.values())
    resources = any(origin.startswith("importlib.resources") for origin in names.origin.values())
    seen: set[tuple[str, int]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for what, need in _needs(node, names, paths=paths, resources=resources):
            if (what, line) in seen or (need != "never" and need in spec.capabilities):
                continue
            seen.add((what, line))
            if need == "never":
                yield _wrong(f"uses {what}, which no plugin may", file, line)
            else:
                yield _undeclared(f"uses {what}", need, file, line)


def _needs(node: ast.AST, names: Names, *, paths: bool, resources: bool) -> Iterator[tuple[str, Need]]:
    if isinstance(node, ast.Name | ast.Attribute | ast.Call):
        name = names.of(node)
        need = of_name(name) if name else ""
        if need:
            yield name.removeprefix("builtins."), need
    match node:
        case ast.Attribute(attr=attr):
            if attr in REACHING:
                yield f".{attr}", "never"
            elif attr in METHODS:
                yield f".{attr}", METHODS[attr]
            elif attr in PATH_METHODS and paths and not (resources and attr.startswith("read_")):
                yield f".{attr}", "fs"
        case ast.Call(func=function, args=[value, attr, *_]) if names.of(function) == "builtins.getattr":
            if not isinstance(attr, ast.Constant) and names.of(value):
                yield f"getattr({names.of(value).removeprefix('builtins.')}, ...) with a name that is made up", "never"
            elif isinstance(attr, ast.Constant) and attr.value in REACHING:
                yield f"getattr(..., {attr.value!r})", "never"
        case ast.Constant(value=str(text)) if text in REACHING:  # what `operator.attrgetter` reaches by
            yield repr(text), "never"


def _texts(tree: ast.Module, file: str) -> Iterator[Problem]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str | bytes):
            continue
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        for place in _PLACES:
            if place in text:
                yield _wrong(f"names {place}, a place of the machine that is no plugin's business", file, node.lineno)
        if len(text) > _LONGEST_BLOB and " " not in text[:_LONGEST_BLOB]:
            yield _wrong(f"holds {len(text)} characters of something that is not to be read", file, node.lineno)


def _comments(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith(("# mypy:", "# ruff:", "# flake8:")):
            yield _wrong("a comment that switches a check off for the whole file", file, number)


def _undeclared(what: str, need: Need, file: str, line: int) -> Problem:
    message = f"{what}: that needs the capability {need!r}, which the specification does not grant"
    return Problem(message, file, line, f"review:{need}")


def _wrong(message: str, file: str, line: int) -> Problem:
    return Problem(message, file, line, "review:policy")
