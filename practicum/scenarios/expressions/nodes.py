"""The tree of an expression: one small class for each thing that can be said. `at` is an offset in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Node:
    """Any of them."""

    at: int


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text, `true`, `null`."""

    value: float | int | str | bool | None


@dataclass(frozen=True)
class Regex(Node):
    """`/pattern/flags`."""

    pattern: str
    flags: str


@dataclass(frozen=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(frozen=True)
class Template(Node):
    """Texts and expressions, joined."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True)
class Spread(Node):
    """`...value`."""

    value: Expr


@dataclass(frozen=True)
class ArrayOf(Node):
    """`[a, ...b]`."""

    items: tuple[Expr | Spread, ...]


@dataclass(frozen=True)
class Property(Node):
    """`key: value` or `[key]: value`."""

    key: str | Expr
    value: Expr


@dataclass(frozen=True)
class ObjectOf(Node):
    """`{key: value, ...rest}`."""

    entries: tuple[Property | Spread, ...]


@dataclass(frozen=True)
class Member(Node):
    """`of.key`, `of['key']`, `of?.key`."""

    of: Expr
    key: str | Expr
    optional: bool


@dataclass(frozen=True)
class Call(Node):
    """`callee(arguments)`."""

    callee: Expr
    arguments: tuple[Expr | Spread, ...]
    optional: bool


@dataclass(frozen=True)
class Optional(Node):
    """A chain with `?.` in it: undefined as a whole where such a link has nothing before it."""

    chain: Expr


@dataclass(frozen=True)
class New(Node):
    """`new Date(...)`, `new Error(...)`."""

    name: str
    arguments: tuple[Expr | Spread, ...]


@dataclass(frozen=True)
class Unary(Node):
    """`!a`, `-a`, `+a`, `typeof a`, `void a`."""

    operator: str
    operand: Expr


@dataclass(frozen=True)
class Chain(Node):
    """`first + a - b`: operators of one rank, worked out from the left."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Logical(Node):
    """`a && b && c`, `a || b`, `a ?? b`."""

    operator: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Conditional(Node):
    """`test ? yes : no`."""

    test: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True)
class Function(Node):
    """`(a, b) => value`, or with a block."""

    parameters: tuple[Pattern, ...]
    rest: Pattern | None
    body: Expr | Block


@dataclass(frozen=True)
class Pattern(Node):
    """What a value is taken apart into: one name, `{a, b: c}` or `[a, b]`; each with its value where it is missing."""

    name: str = ""
    keys: tuple[tuple[str, Pattern], ...] | None = None
    items: tuple[Pattern | None, ...] | None = None
    rest: str = ""
    default: Expr | None = None


@dataclass(frozen=True)
class Declare(Node):
    """`const pattern = value`."""

    pattern: Pattern
    value: Expr | None
    constant: bool


@dataclass(frozen=True)
class Assign(Node):
    """`target = value`; `operator` is what stands before the `=`, such as `+`."""

    target: Name | Member
    operator: str
    value: Expr


@dataclass(frozen=True)
class If(Node):
    """`if (test) {...} else if ... else {...}`, flat."""

    branches: tuple[tuple[Expr, Statement], ...]
    otherwise: Statement | None


@dataclass(frozen=True)
class Switch(Node):
    """`switch (subject) {case a: ... default: ...}`; a case of None is `default`."""

    subject: Expr
    cases: tuple[tuple[Expr | None, tuple[Statement, ...]], ...]


@dataclass(frozen=True)
class ForOf(Node):
    """`for (const pattern of many) ...`."""

    pattern: Pattern
    many: Expr
    body: Statement


@dataclass(frozen=True)
class For(Node):
    """`for (start; test; step) ...`."""

    start: Statement | None
    test: Expr | None
    step: Statement | None
    body: Statement


@dataclass(frozen=True)
class Return(Node):
    """`return value`."""

    value: Expr | None


@dataclass(frozen=True)
class Throw(Node):
    """`throw value`."""

    value: Expr


@dataclass(frozen=True)
class Leave(Node):
    """`break` or `continue`."""

    word: str


@dataclass(frozen=True)
class Do(Node):
    """An expression for what it does, such as `list.push(1)`."""

    value: Expr


@dataclass(frozen=True)
class Block(Node):
    """Statements one after the other, with names of their own (`scoped`) or of the block around."""

    statements: tuple[Statement, ...]
    scoped: bool = True


Expr: TypeAlias = (
    Literal
    | Regex
    | Name
    | Template
    | ArrayOf
    | ObjectOf
    | Member
    | Call
    | Optional
    | New
    | Unary
    | Chain
    | Logical
    | Conditional
    | Function
)
Statement: TypeAlias = Declare | Assign | If | Switch | ForOf | For | Return | Throw | Leave | Do | Block
