"""Formulas: a subset of Python's expressions, read with `ast`, checked, and written out as code. None is executed."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_FUNCTIONS: Mapping[str, str] = {
    **{name: name for name in (
        "abs", "all", "any", "bool", "divmod", "float", "int", "len", "list", "max", "min", "range", "reversed",
        "round", "sorted", "str", "sum",
    )},
    **{name: f"math.{name}" for name in (
        "acos", "asin", "atan", "atan2", "ceil", "cos", "degrees", "exp", "factorial", "floor", "gcd", "hypot", "log",
        "log2", "log10", "pow", "radians", "sin", "sqrt", "tan", "trunc",
    )},
}  # fmt: skip
"""Function of a formula to the one of Python."""

_CONSTANTS: Mapping[str, str] = {"pi": "math.pi", "e": "math.e", "tau": "math.tau", "inf": "math.inf"}

_METHODS = frozenset(
    {
        "capitalize", "casefold", "count", "endswith", "find", "get", "isalpha", "isdigit", "items", "join", "keys",
        "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "split", "splitlines", "startswith",
        "strip", "swapcase", "title", "upper", "values", "zfill",
    }
)  # fmt: skip
"""Methods of texts, lists and objects that change nothing."""

_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Constant, ast.Name, ast.Call,
    ast.Attribute, ast.Subscript, ast.Slice, ast.Dict, ast.List, ast.Tuple, ast.JoinedStr, ast.FormattedValue,
    ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.Load, ast.Store,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip

_LONGEST = 2000
_DEEPEST = 40


class FormulaError(ValueError):
    """A formula that is none, or that says more than a formula may."""


def render(formula: str, names: Mapping[str, str]) -> str:
    """The formula as a Python expression.

    `names` is each parameter with what it is called in the code. The code needs `import math` where `needs_math` says.

    Raises:
        FormulaError: not an expression, an unknown name, or a thing that formulas do not have.
    """
    if len(formula) > _LONGEST:
        raise FormulaError(f"a formula has at most {_LONGEST} characters")
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise FormulaError(f"not an expression: {said}") from error
    _check_depth(tree)
    local = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for target in ast.walk(node.target)
        if isinstance(target, ast.Name)
    }
    return ast.unparse(_Renamed(names, local).visit(tree))


def needs_math(expression: str) -> bool:
    """Whether a rendered expression uses the module `math`."""
    return any(isinstance(node, ast.Name) and node.id == "math" for node in ast.walk(ast.parse(expression)))


def _check_depth(tree: ast.AST) -> None:
    layer: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
        if not layer:
            return
    raise FormulaError("nested too deeply")


class _Renamed(ast.NodeTransformer):
    """Checks every node, and puts in the code's names."""

    def __init__(self, names: Mapping[str, str], local: set[str]) -> None:
        self._names = names
        self._local = local

    def visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _NODES):
            raise FormulaError(f"a formula has no {type(node).__name__}")
        return super().visit(node)  # type: ignore[no-any-return]

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str | int | float | bool | None):
            raise FormulaError(f"a formula has no {type(node.value).__name__}")
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._local:
            if node.id in self._names or node.id in _FUNCTIONS or node.id.startswith("_"):
                raise FormulaError(f"{node.id!r} is taken: name what runs through the list otherwise")
            return node
        if node.id in self._names:
            return ast.Name(self._names[node.id], ast.Load())
        if node.id in _CONSTANTS:
            return ast.parse(_CONSTANTS[node.id], mode="eval").body
        known = ", ".join(self._names) or "none, there are no parameters"
        raise FormulaError(f"unknown name {node.id!r}; known: {known}")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if any(keyword.arg != "key" and keyword.arg != "reverse" for keyword in node.keywords) or any(
            isinstance(argument, ast.Starred) for argument in node.args
        ):
            raise FormulaError("arguments are given by their place")
        arguments = [self.visit(argument) for argument in node.args]
        keywords = [ast.keyword(keyword.arg, self._expression(keyword.value)) for keyword in node.keywords]
        match node.func:
            case ast.Name(id=name) if name in _FUNCTIONS and name not in self._names:
                function: ast.expr = ast.parse(_FUNCTIONS[name], mode="eval").body
            case ast.Attribute(value=value, attr=name) if name in _METHODS:
                function = ast.Attribute(self._expression(value), name, ast.Load())
            case ast.Name(id=name) | ast.Attribute(attr=name):
                raise FormulaError(f"unknown function {name!r}; known: {', '.join(sorted({*_FUNCTIONS, *_METHODS}))}")
            case _:
                raise FormulaError("only functions with a name can be called")
        return ast.Call(function, arguments, keywords)  # type: ignore[arg-type]

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        raise FormulaError(f"a formula has no attributes, such as .{node.attr}; write value[{node.attr!r}]")

    def _expression(self, node: ast.expr) -> ast.expr:
        found = self.visit(node)
        assert isinstance(found, ast.expr)
        return found
