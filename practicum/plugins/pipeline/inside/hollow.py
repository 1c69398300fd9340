"""Makes a package hollow: as soon as it is armed, each of its functions raises. Tests that still pass test nothing."""

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any

_ARMED = "_practicum_hollow"


class HollowError(AssertionError):
    """This function is hollow."""


class _Hollow(ast.NodeTransformer):
    def _visit(self, node: Any) -> Any:
        self.generic_visit(node)
        [guard] = ast.parse(
            f"if __builtins__[{_ARMED!r}]: raise __builtins__['_practicum_hollow_error']('hollow')"
        ).body
        has_docstring = ast.get_docstring(node, clean=False) is not None
        node.body.insert(1 if has_docstring else 0, guard)
        return node

    visit_FunctionDef = _visit
    visit_AsyncFunctionDef = _visit


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = _Hollow().visit(ast.parse(self.get_data(path), path))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec")
        return code

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = builtins.__dict__
        super().exec_module(module)


class _Finder:
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        if name != self._package and not name.startswith(f"{self._package}."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def install(package: str) -> Callable[[], None]:
    """From now on, this package is imported hollow; the function that is returned arms it."""
    setattr(builtins, _ARMED, False)
    setattr(builtins, f"{_ARMED}_error", HollowError)
    sys.meta_path.insert(0, _Finder(package))

    def arm() -> None:
        setattr(builtins, _ARMED, True)

    return arm
