"""What the names in a Python file stand for: `o.environ` after `import os as o` is `os.environ`."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

_BUILTINS = frozenset(dir(builtins))


@dataclass
class Names:
    """Names of one file, whatever their scope, and what they were imported or assigned from."""

    origin: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """Names that the file defines as something of its own, which hide builtins."""

    def of(self, node: ast.AST) -> str:
        """The dotted name that an expression stands for; empty where it is none.

        `getattr(os, "environ")` is `os.environ` too.
        """
        match node:
            case ast.Name(id=name):
                if name in self.origin:
                    return self.origin[name]
                return f"builtins.{name}" if name in _BUILTINS and name not in self.own else ""
            case ast.Attribute(value=value, attr=attr):
                return self._joined(self.of(value), attr)
            case ast.Call(func=function, args=[value, ast.Constant(value=str(attr)), *_]):
                if self.of(function) == "builtins.getattr":
                    return self._joined(self.of(value), attr)
                return ""
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]):
                if self.of(function) in ("builtins.__import__", "importlib.import_module"):
                    return module
                return ""
            case _:
                return ""

    @staticmethod
    def _joined(above: str, attr: str) -> str:
        return f"{above}.{attr}".replace("builtins.__builtins__", "builtins") if above else ""


def names_of(tree: ast.Module, package: str = "") -> Names:
    """The names of a file; `package` is what its relative imports begin with."""
    names = Names()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    top = alias.name.partition(".")[0]
                    names.origin[alias.asname or top] = alias.name if alias.asname else top
            case ast.ImportFrom(module=module, names=aliases, level=level):
                base = f"{package}.{module or ''}".rstrip(".") if level else module or ""
                for alias in aliases:
                    names.origin[alias.asname or alias.name] = f"{base}.{alias.name}"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.own.add(name)
            case ast.arg(arg=name):
                names.own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.own.add(name)
    # What is only another name for something imported: `run = os.system`, also through several steps.
    for _ in range(3):
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found = names.of(value)
                    if found and name not in names.origin and not found.endswith(f".{name}"):
                        names.origin[name] = found
    return names
