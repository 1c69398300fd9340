"""Formulas as TypeScript: of numbers, texts and truth values, as far as both languages mean the same by them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from practicum.plugins.specification import Type
from practicum.plugins.templates.formula import FormulaError
from practicum.plugins.templates.formula import render as checked
from practicum.plugins.toolchains.typescript.templates.text import string

HELPERS = ("divide", "floorDivide", "modulo", "round", "finite")
"""What `src/arithmetic.ts` has."""

_MATH = frozenset(
    {"acos", "asin", "atan", "atan2", "cos", "exp", "hypot", "log", "log2", "log10", "sin", "sqrt", "tan"}
)
_WHOLE = {"ceil": "Math.ceil", "floor": "Math.floor", "trunc": "Math.trunc"}
_CONSTANTS = {"pi": "Math.PI", "e": "Math.E", "tau": "(2 * Math.PI)"}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "===", ast.NotEq: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_METHODS = {
    "upper": "toUpperCase", "lower": "toLowerCase", "startswith": "startsWith", "endswith": "endsWith",
    "replace": "replaceAll",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Code:
    text: str
    type: str
    """`integer`, `number`, `string` or `boolean`."""

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "number")


def render(formula: str, parameters: Mapping[str, Type]) -> tuple[str, str]:
    """The formula as an expression over `given`, and its type.

    Raises:
        FormulaError: it is no formula, or says something that TypeScript would mean otherwise.
    """
    # The checks are those of formulas everywhere; parameters keep their names.
    tree = ast.parse(checked(formula, {name: name for name in parameters}), mode="eval")
    made = _Writer(parameters).code(tree.body)
    return made.text, made.type


class _Writer:
    def __init__(self, parameters: Mapping[str, Type]) -> None:
        self._parameters = parameters

    def code(self, node: ast.expr) -> _Code:
        match node:
            case ast.Constant(value=bool() as value):
                return _Code(str(value).lower(), "boolean")
            case ast.Constant(value=int() as value) if abs(value) < 2**53:
                return _Code(str(value), "integer")
            case ast.Constant(value=float() as value):
                return _Code(repr(value), "number")
            case ast.Constant(value=str() as value):
                return _Code(string(value), "string")
            case ast.Name(id=name) if self._parameters.get(name) in ("string", "integer", "number", "boolean"):
                return _Code(f"given.{name}", self._parameters[name])
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _CONSTANTS:
                return _Code(_CONSTANTS[name], "number")
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(self.code(left), op, self.code(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                one = self._number(operand)
                return _Code(f"({'-' if isinstance(op, ast.USub) else ''}{one.text})", one.type)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _Code(f"(!{self._truth(operand).text})", "boolean")
            case ast.BoolOp(op=op, values=values):
                joint = " && " if isinstance(op, ast.And) else " || "
                return _Code(f"({joint.join(self._truth(value).text for value in values)})", "boolean")
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared([left, *others], ops)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._either(self._truth(test), self.code(body), self.code(orelse))
            case ast.JoinedStr(values=values):
                return _Code(f"({' + '.join(self._piece(value) for value in values) or string('')})", "string")
            case ast.Call(func=function, args=args, keywords=[]):
                return self._called(function, args)
        raise FormulaError(f"TypeScript has no {ast.unparse(node)[:80]} that means the same")

    def _arithmetic(self, one: _Code, op: ast.operator, two: _Code) -> _Code:
        if isinstance(op, ast.Add) and one.type == two.type == "string":
            return _Code(f"({one.text} + {two.text})", "string")
        if not (one.is_number and two.is_number):
            raise FormulaError(f"{one.type} and {two.type} cannot be reckoned with")
        kind = "integer" if one.type == two.type == "integer" else "number"
        match op:
            case ast.Add() | ast.Sub() | ast.Mult():
                sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}[type(op)]
                return _Code(f"({one.text} {sign} {two.text})", kind)
            case ast.Div():
                return _Code(f"divide({one.text}, {two.text})", "number")
            case ast.FloorDiv():
                return _Code(f"floorDivide({one.text}, {two.text})", kind)
            case ast.Mod():
                return _Code(f"modulo({one.text}, {two.text})", kind)
            case ast.Pow():
                return _Code(f"finite(Math.pow({one.text}, {two.text}))", "number")
        raise FormulaError(f"TypeScript has no {type(op).__name__} that means the same")

    def _compared(self, nodes: list[ast.expr], ops: list[ast.cmpop]) -> _Code:
        codes = [self.code(node) for node in nodes]
        parts = []
        for one, op, two in zip(codes, ops, codes[1:], strict=False):
            if type(op) not in _COMPARED or not (one.type == two.type or (one.is_number and two.is_number)):
                raise FormulaError(f"{one.type} and {two.type} cannot be compared so")
            if one.type == "string" and not isinstance(op, ast.Eq | ast.NotEq):
                raise FormulaError("texts are ordered otherwise in TypeScript")
            parts.append(f"{one.text} {_COMPARED[type(op)]} {two.text}")
        return _Code(f"({' && '.join(parts)})", "boolean")

    def _either(self, test: _Code, one: _Code, two: _Code) -> _Code:
        if one.type != two.type and not (one.is_number and two.is_number):
            raise FormulaError(f"either {one.type} or {two.type}")
        return _Code(f"({test.text} ? {one.text} : {two.text})", one.type if one.type == two.type else "number")

    def _called(self, function: ast.expr, nodes: list[ast.expr]) -> _Code:
        match function:
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _MATH:
                return _Code(f"finite(Math.{name}({self._numbers(nodes)}))", "number")
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _WHOLE and len(nodes) == 1:
                return _Code(f"{_WHOLE[name]}({self._numbers(nodes)})", "integer")
            case ast.Name(id="abs") if len(nodes) == 1:
                one = self._number(nodes[0])
                return _Code(f"Math.abs({one.text})", one.type)
            case ast.Name(id="min" | "max" as name) if len(nodes) > 1:
                kinds = {self._number(node).type for node in nodes}
                return _Code(f"Math.{name}({self._numbers(nodes)})", kinds.pop() if len(kinds) == 1 else "number")
            case ast.Name(id="round") if len(nodes) in (1, 2):
                return _Code(f"round({self._numbers(nodes)})", "integer" if len(nodes) == 1 else "number")
            case ast.Name(id="int") if len(nodes) == 1:
                return _Code(f"Math.trunc({self._numbers(nodes)})", "integer")
            case ast.Name(id="float") if len(nodes) == 1:
                return _Code(self._numbers(nodes), "number")
            case ast.Name(id="str") if len(nodes) == 1:
                return _Code(self._piece(nodes[0]), "string")
            case ast.Name(id="len") if len(nodes) == 1:
                return _Code(f"[...{self._text(nodes[0]).text}].length", "integer")
            case ast.Attribute(value=value, attr="strip") if not nodes:
                return _Code(f"{self._text(value).text}.trim()", "string")
            case ast.Attribute(value=value, attr=name) if name in _METHODS and len(nodes) == (
                {"upper": 0, "lower": 0, "replace": 2}.get(name, 1)
            ):
                arguments = ", ".join(self._text(node).text for node in nodes)
                if name == "replace":  # a text there would be searched for patterns such as $&
                    arguments = f"{self._text(nodes[0]).text}, () => {self._text(nodes[1]).text}"
                kind = "boolean" if name.endswith("with") else "string"
                return _Code(f"{self._text(value).text}.{_METHODS[name]}({arguments})", kind)
        raise FormulaError(f"TypeScript has no {ast.unparse(function)[:60]} that means the same")

    def _piece(self, node: ast.expr) -> str:
        """What stands in a text: texts and whole numbers are written alike in both languages."""
        match node:
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self._piece(value)
            case _:
                one = self.code(node)
        if one.type == "string":
            return one.text
        if one.type != "integer":
            raise FormulaError(f"a {one.type} is written otherwise in TypeScript")
        return f"String({one.text})"

    def _numbers(self, nodes: list[ast.expr]) -> str:
        return ", ".join(self._number(node).text for node in nodes)

    def _number(self, node: ast.expr) -> _Code:
        return self._of(node, ("integer", "number"))

    def _text(self, node: ast.expr) -> _Code:
        return self._of(node, ("string",))

    def _truth(self, node: ast.expr) -> _Code:
        return self._of(node, ("boolean",))

    def _of(self, node: ast.expr, kinds: tuple[str, ...]) -> _Code:
        found = self.code(node)
        if found.type not in kinds:
            raise FormulaError(f"{ast.unparse(node)[:60]} is a {found.type}, not a {kinds[-1]}")
        return found
