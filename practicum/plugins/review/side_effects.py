"""What a module does when it is imported: it may define, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from practicum.plugins.pipeline.result import Problem
from practicum.plugins.review.capabilities import of_module, of_name
from practicum.plugins.review.names import Names

_HARMLESS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.Pass, ast.TypeAlias) if hasattr(
    ast, "TypeAlias"
) else (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.Pass)  # fmt: skip


def side_effects(tree: ast.Module, names: Names, file: str) -> Iterator[Problem]:
    """Statements outside of functions that do more than define something."""
    yield from _body(tree.body, names, file)


def _body(body: list[ast.stmt], names: Names, file: str) -> Iterator[Problem]:
    for node in body:
        yield from _statement(node, names, file)


def _statement(node: ast.stmt, names: Names, file: str) -> Iterator[Problem]:
    if isinstance(node, _HARMLESS):
        return
    match node:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Expr():
            yield _wrong("something is done while the module is imported", file, node.lineno)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            yield from _acts(node, names, file)
        case ast.ClassDef(body=body):
            yield from _body(body, names, file)
        case ast.If(body=body, orelse=otherwise):
            yield from _body([*body, *otherwise], names, file)
        case ast.Try(body=body, handlers=handlers, orelse=otherwise, finalbody=final):
            yield from _body([*body, *otherwise, *final], names, file)
            for handler in handlers:
                yield from _body(handler.body, names, file)
        case _:
            kind = type(node).__name__.lower()
            yield _wrong(
                f"a statement ({kind}) outside of any function, run while the module is imported", file, node.lineno
            )


def _acts(node: ast.stmt, names: Names, file: str) -> Iterator[Problem]:
    """Calls in an assignment that do something out there, even where the capability for it is granted."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            name = names.of(part.func)
            if name and (of_name(name) or of_module(name) in ("net", "fs", "env", "subprocess")):
                shown = name.removeprefix("builtins.")
                yield _wrong(f"calls {shown} while the module is imported", file, part.lineno)


def _wrong(message: str, file: str, line: int) -> Problem:
    return Problem(message, file, line, "review:import")
