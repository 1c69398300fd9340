"""From tokens to the tree of an expression."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from practicum.scenarios.expressions.errors import ExpressionError
from practicum.scenarios.expressions.nodes import (
    ArrayOf,
    Block,
    Call,
    Chain,
    Conditional,
    Expr,
    Function,
    Literal,
    Logical,
    Member,
    Name,
    New,
    ObjectOf,
    Optional,
    Pattern,
    Property,
    Regex,
    Spread,
    Template,
    Unary,
)
from practicum.scenarios.expressions.tokens import Token

_DEEPEST = 48
"""Brackets within brackets."""

_LOGICAL = ("??", "||", "&&")
_RANKS = (
    *((operator,) for operator in _LOGICAL),
    ("===", "!==", "==", "!="),
    ("<", "<=", ">", ">=", "in", "instanceof"),
    ("+", "-"),
    ("*", "/", "%"),
)
_RANK = {operator: rank for rank, operators in enumerate(_RANKS) for operator in operators}
"""Operator to rank, from the loosest binding."""

_WORDS: dict[str, float | bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}
RESERVED = frozenset(
    (
        *("async", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete"),
        *("do", "else", "export", "extends", "finally", "for", "function", "if", "import", "in", "instanceof", "let"),
        *(
            "new",
            "return",
            "super",
            "switch",
            "this",
            "throw",
            "try",
            "typeof",
            "var",
            "void",
            "while",
            "with",
            "yield",
        ),
    )
)
_MADE = ("Date", "Error", "TypeError", "RangeError", "Array", "Object")
_NOT_HERE = {"this": "mocks have no `this`", "class": "", "delete": "", "yield": "", "super": "", "import": ""}


class Parser(ABC):
    """Reads one expression at a time from a row of tokens. Functions and statements are read by its subclasses."""

    def __init__(self, text: str, tokens: tuple[Token, ...]) -> None:
        self.text, self.tokens, self.position, self._depth = text, tokens, 0, 0

    # What every rule needs.

    @property
    def here(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.position]

    def after(self, count: int = 1) -> Token:
        """A later one."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        self.position += token.kind != "end"
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these marks or words."""
        return self.here.kind in ("mark", "name") and self.here.text in texts

    def accept(self, text: str) -> bool:
        found = self.at(text)
        if found:
            self.take()
        return found

    def expect(self, text: str, purpose: str = "") -> Token:
        if not self.at(text):
            if self.here.kind == "end":
                raise self.error(f"`{text}` is missing{purpose}")
            raise self.error(f"`{text}` is expected{purpose}, {self.shown()} stands here")
        return self.take()

    def error(self, message: str, hint: str = "", at: Token | None = None) -> ExpressionError:
        return ExpressionError(self.text, (at or self.here).at, message, hint=hint)

    def shown(self) -> str:
        """The next token in words."""
        token = self.here
        if token.kind == "end":
            return "the end"
        return f"`{token.text[:40]}`" if token.kind in ("name", "number", "mark") else f"a {token.kind}"

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper."""
        if self._depth >= _DEEPEST:
            raise self.error(f"nested more than {_DEEPEST} deep")
        self._depth += 1
        yield
        self._depth -= 1

    def inner(self, tokens: tuple[Token, ...]) -> Parser:
        """A parser for what stands inside a template, as deep as this one is."""
        parser = type(self)(self.text, tokens)
        parser._depth = self._depth
        return parser

    # Expressions, from the loosest binding to the tightest.

    def expression(self) -> Expr:
        """One expression; a comma ends it.

        Raises:
            ExpressionError: with the place and what was expected.
        """
        with self.nested():
            if self.function_follows():
                return self.function()
            return self._conditional()

    def whole(self) -> Expr:
        """One expression and then the end."""
        found = self.expression()
        if self.here.kind != "end":
            raise self.error(f"the expression is over here, {self.shown()} is too much")
        return found

    def _conditional(self) -> Expr:
        test = self._binary(0)
        if not self.at("?"):
            return test
        mark = self.take()
        yes = self.expression()
        self.expect(":", " between the two values of `?`")
        return Conditional(mark.at, test, yes, self.expression())

    def _binary(self, lowest: int) -> Expr:
        """Operators of a rank and all that bind tighter; those of one rank make one flat node."""
        made = self._power()
        while (rank := self._rank()) >= lowest:
            at, operands, operators = self.here.at, [made], list[str]()
            while self._rank() == rank:
                operators.append(self.take().text)
                operands.append(self._binary(rank + 1))
            if rank < len(_LOGICAL):
                made = Logical(at, _LOGICAL[rank], tuple(operands))
            else:
                made = Chain(at, made, tuple(zip(operators, operands[1:], strict=True)))
        return made

    def _rank(self) -> int:
        return _RANK.get(self.here.text, -1) if self.here.kind in ("mark", "name") else -1

    def _power(self) -> Expr:
        base = self._unary()
        if not self.at("**"):
            return base
        mark = self.take()
        with self.nested():
            return Chain(mark.at, base, (("**", self._power()),))

    def _unary(self) -> Expr:
        if self.at("!", "-", "+", "typeof", "void", "await"):
            with self.nested():
                token = self.take()
                operand = self._unary()
                return operand if token.text == "await" else Unary(token.at, token.text, operand)
        return self._postfix()

    def _postfix(self) -> Expr:
        made, optional, links = self._primary(), False, 0
        while True:
            links += 1
            if links > 2 * _DEEPEST:
                raise self.error("a chain of too many links")
            token = self.here
            if self.accept("."):
                made = Member(token.at, made, self._member_name(), False)
            elif self.accept("?."):
                optional = True
                if self.at("("):
                    made = Call(token.at, made, self._arguments(), True)
                elif self.accept("["):
                    made = Member(token.at, made, self.expression(), True)
                    self.expect("]")
                else:
                    made = Member(token.at, made, self._member_name(), True)
            elif self.at("["):
                self.take()
                made = Member(token.at, made, self.expression(), False)
                self.expect("]", " after the key")
            elif self.at("("):
                made = Call(token.at, made, self._arguments(), False)
            else:
                return Optional(made.at, made) if optional else made

    def _member_name(self) -> str:
        if self.here.kind != "name":
            raise self.error(f"a name is expected after the dot, {self.shown()} stands here")
        return self.take().text

    def _arguments(self) -> tuple[Expr | Spread, ...]:
        self.expect("(")
        return self._list(")", "an argument")

    def _list(self, end: str, what: str) -> tuple[Expr | Spread, ...]:
        found = list[Expr | Spread]()
        while not self.accept(end):
            if self.here.kind == "end":
                raise self.error(f"`{end}` is missing")
            token = self.here
            found.append(Spread(token.at, self.expression()) if self.accept("...") else self.expression())
            if not self.at(end):
                self.end_of_list(end, what)
        return tuple(found)

    def end_of_list(self, end: str, what: str) -> None:
        """The comma after an item that is not the last."""
        if self.here.kind == "end":
            raise self.error(f"`{end}` is missing")
        self.expect(",", f" or `{end}` after {what}")

    def _primary(self) -> Expr:
        token = self.here
        if token.kind == "number":
            self.take()
            return Literal(token.at, int(token.number) if token.number.is_integer() else token.number)
        if token.kind == "string":
            self.take()
            return Literal(token.at, token.text)
        if token.kind == "template":
            self.take()
            return self._template(token)
        if token.kind == "regex":
            self.take()
            return Regex(token.at, token.text, token.flags)
        if token.kind == "name":
            return self._word(token)
        if self.accept("("):
            made = self.expression()
            self.expect(")", " to close the bracket")
            return made
        if self.accept("["):
            return ArrayOf(token.at, self._list("]", "an item"))
        if self.at("{"):
            return self.object_of()
        raise self.error(f"a value is expected, {self.shown()} stands here")

    def _template(self, token: Token) -> Expr:
        parts = tuple(part if isinstance(part, str) else self.inner(part).whole() for part in token.parts)
        if token.text == "${" and not isinstance(parts[0], str):
            return parts[0]  # `${x} === 1`: a hole outside of quotes stands for its value
        return Template(token.at, parts)

    def _word(self, token: Token) -> Expr:
        if token.text in _WORDS:
            self.take()
            return Literal(token.at, _WORDS[token.text])
        if token.text == "new":
            self.take()
            made = self.here
            if made.kind != "name" or made.text not in _MADE:
                raise self.error(f"`new` makes {', '.join(_MADE)} here, nothing else")
            self.take()
            return New(token.at, made.text, self._arguments() if self.at("(") else ())
        if token.text in RESERVED:
            why = _NOT_HERE.get(token.text) or "it is no value, or not in the subset that is read here"
            raise self.error(f"`{token.text}` cannot stand here: {why}")
        self.take()
        return Name(token.at, token.text)

    def object_of(self) -> ObjectOf:
        """`{...}` as a value."""
        start = self.expect("{")
        entries = list[Property | Spread]()
        with self.nested():
            while not self.accept("}"):
                entries.append(self._entry())
                if not self.at("}"):
                    self.end_of_list("}", "an entry")
        return ObjectOf(start.at, tuple(entries))

    def _entry(self) -> Property | Spread:
        token = self.take()
        if token.kind == "mark" and token.text == "...":
            return Spread(token.at, self.expression())
        if token.kind == "mark" and token.text == "[":
            computed = self.expression()
            self.expect("]", " after the computed key")
            self.expect(":", " after the key")
            return Property(token.at, computed, self.expression())
        if token.kind == "template":
            key: str | Expr = self._template(token)
        elif token.kind in ("name", "string", "number"):
            key = token.text
        else:
            raise self.error(f"a key is expected, `{token.text or 'the end'}` stands here", at=token)
        if self.accept(":"):
            return Property(token.at, key, self.expression())
        if token.kind == "name" and token.text not in RESERVED and self.at(",", "}"):
            value = Literal(token.at, _WORDS[token.text]) if token.text in _WORDS else Name(token.at, token.text)
            return Property(token.at, token.text, value)
        if token.kind == "name" and self.at("("):
            return Property(token.at, token.text, self.rest_of_function(token))
        raise self.error(f"`:` is expected after the key, {self.shown()} stands here")

    # Functions and statements are read by the classes that follow.

    @abstractmethod
    def function_follows(self) -> bool:
        """Whether an arrow function or `function` begins here."""

    @abstractmethod
    def function(self) -> Function:
        """`(a, b) => value`, `a => {...}`, `function (a) {...}`, each with `async` before it or not."""

    @abstractmethod
    def rest_of_function(self, start: Token) -> Function:
        """`(a) {...}`, what comes after `function` or a method's name."""

    @abstractmethod
    def pattern(self, default: bool = True) -> Pattern:
        """A name, `{a, b: c = 1, ...rest}` or `[a, , b]`, with `= default` or without."""

    @abstractmethod
    def block(self) -> Block:
        """`{ statement; ... }`."""
