"""From tokens to the statements of a body."""

from __future__ import annotations

from practicum.scenarios.expressions.functions import FunctionParser
from practicum.scenarios.expressions.nodes import (
    Assign,
    Block,
    Declare,
    Do,
    Expr,
    For,
    ForOf,
    If,
    Leave,
    Literal,
    Member,
    Name,
    Pattern,
    Return,
    Statement,
    Switch,
    Throw,
)
from practicum.scenarios.expressions.parser import RESERVED
from practicum.scenarios.expressions.tokens import Token

_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "**=", "??=", "||=", "&&=")
_NOT_READ = {
    "while": "write for (const item of list), or .map() and .filter()",
    "do": "write for (const item of list), or .map() and .filter()",
    "try": "nothing here fails that could be caught",
    "class": "write a plain object",
    "import": "nothing can be loaded",
    "export": "the body itself is what is called",
    "with": "",
    "debugger": "",
    "yield": "return a list",
}


class BodyParser(FunctionParser):
    """Reads statements too."""

    def program(self) -> Block:
        """Statements to the end.

        Raises:
            ExpressionError: with the place and what was expected.
        """
        start, found = self.here, list[Statement]()
        while self.here.kind != "end":
            if not self.accept(";"):
                found.append(self.statement())
        return Block(start.at, tuple(found))

    def block(self) -> Block:
        start, found = self.expect("{"), list[Statement]()
        with self.nested():
            while not self.accept("}"):
                if self.here.kind == "end":
                    raise self.error("`}` is missing: a block has no end")
                if not self.accept(";"):
                    found.append(self.statement())
        return Block(start.at, tuple(found))

    def statement(self) -> Statement:
        """One statement with its semicolon."""
        with self.nested():
            token = self.here
            if token.kind == "name":
                if token.text in _NOT_READ:
                    raise self.error(f"`{token.text}` is not in the subset that is read here", _NOT_READ[token.text])
                if token.text in ("const", "let", "var"):
                    return self._ended(self._declaration())
                if token.text == "if":
                    return self._if()
                if token.text == "for":
                    return self._for()
                if token.text == "switch":
                    return self._switch()
                if token.text == "return":
                    self.take()
                    bare = self.at(";", "}") or self.here.kind == "end"
                    return self._ended(Return(token.at, None if bare else self.expression()))
                if token.text == "throw":
                    self.take()
                    return self._ended(Throw(token.at, self.expression()))
                if token.text in ("break", "continue"):
                    self.take()
                    return self._ended(Leave(token.at, token.text))
                if token.text in ("function", "async") and self._named_function():
                    return self._function_declaration()
            if self.at("{"):
                return self.block()
            return self._ended(self._simple())

    def _ended(self, made: Statement) -> Statement:
        token = self.here
        if not (self.accept(";") or self.at("}") or token.kind == "end" or token.newline):
            raise self.error(f"the statement is over here, {self.shown()} is too much")
        return made

    def _declaration(self) -> Statement:
        word, found = self.take(), list[Statement]()
        while True:
            pattern = self.pattern(default=False)
            value = self.expression() if self.accept("=") else None
            if value is None and (word.text == "const" or not pattern.name):
                raise self.error(f"`=` and a value are expected, {self.shown()} stands here")
            found.append(Declare(pattern.at, pattern, value, word.text == "const"))
            if not self.accept(","):
                break
        return found[0] if len(found) == 1 else Block(word.at, tuple(found), scoped=False)

    def _simple(self) -> Statement:
        """An assignment, `i++`, or an expression for what it does."""
        token = self.here
        if self.at("++", "--"):
            operator = self.take()
            return Assign(token.at, self._target(self.expression(), token), operator.text[0], Literal(token.at, 1))
        made = self.expression()
        if self.at("++", "--"):
            operator = self.take()
            return Assign(token.at, self._target(made, token), operator.text[0], Literal(token.at, 1))
        if self.at(*_ASSIGNMENTS):
            operator = self.take()
            return Assign(token.at, self._target(made, token), operator.text[:-1], self.expression())
        return Do(token.at, made)

    def _target(self, made: Expr, token: Token) -> Name | Member:
        if not isinstance(made, Name | Member):
            raise self.error("this cannot be given a value", at=token)
        return made

    def _inner_statement(self) -> Statement:
        if self.accept(";"):
            return Block(self.here.at, ())
        return self.statement()

    def _if(self) -> Statement:
        start, branches, otherwise = self.here, list[tuple[Expr, Statement]](), None
        while True:
            self.expect("if")
            self.expect("(", " after `if`")
            test = self.expression()
            self.expect(")", " after the condition")
            branches.append((test, self._inner_statement()))
            if not self.accept("else"):
                break
            if not self.at("if"):
                otherwise = self._inner_statement()
                break
        return If(start.at, tuple(branches), otherwise)

    def _switch(self) -> Statement:
        start = self.take()
        self.expect("(", " after `switch`")
        subject = self.expression()
        self.expect(")")
        self.expect("{")
        cases = list[tuple[Expr | None, tuple[Statement, ...]]]()
        while not self.accept("}"):
            if self.accept("default"):
                test = None
            else:
                self.expect("case", " or `default`")
                test = self.expression()
            self.expect(":")
            found = list[Statement]()
            while not self.at("case", "default", "}"):
                if self.here.kind == "end":
                    raise self.error("`}` is missing: `switch` has no end")
                if not self.accept(";"):
                    found.append(self.statement())
            cases.append((test, tuple(found)))
        return Switch(start.at, subject, tuple(cases))

    def _for(self) -> Statement:
        start = self.take()
        self.accept("await")
        self.expect("(", " after `for`")
        if self.at("const", "let", "var"):
            if self._of_follows():
                self.take()
                pattern = self.pattern(default=False)
                if not self.accept("of"):
                    raise self.error("`for ... in` is not read here", "write for (const key of Object.keys(object))")
                many = self.expression()
                self.expect(")")
                return ForOf(start.at, pattern, many, self._inner_statement())
            first: Statement | None = self._declaration()
        else:
            first = None if self.at(";") else self._simple()
        self.expect(";", " in `for`")
        test = None if self.at(";") else self.expression()
        self.expect(";", " in `for`")
        step = None if self.at(")") else self._simple()
        self.expect(")")
        return For(start.at, first, test, step, self._inner_statement())

    def _of_follows(self) -> bool:
        """Whether `for (const` goes on as `name of`, `name in` or with a pattern, and not as `name = 0;`."""
        return self.after(1).kind == "mark" or self.after(2).text in ("of", "in")

    def _named_function(self) -> bool:
        skip = 1 if self.at("async") else 0
        return self.after(skip).text == "function" and self.after(skip + 1).kind == "name"

    def _function_declaration(self) -> Statement:
        start = self.take()
        if start.text == "async":
            self.take()
        name = self.take()
        made = self.rest_of_function(start)
        return Declare(start.at, Pattern(name.at, name.text), made, True)

    def pattern(self, default: bool = True) -> Pattern:
        with self.nested():
            token = self.here
            if self.accept("{"):
                made = self._object_pattern(token)
            elif self.accept("["):
                made = self._array_pattern(token)
            elif token.kind == "name" and token.text not in RESERVED:
                self.take()
                made = Pattern(token.at, token.text)
            else:
                raise self.error(f"a name is expected, {self.shown()} stands here")
            if default and self.accept("="):
                return Pattern(made.at, made.name, made.keys, made.items, made.rest, self.expression())
            return made

    def _object_pattern(self, start: Token) -> Pattern:
        keys, rest = list[tuple[str, Pattern]](), ""
        while not self.accept("}"):
            if self.accept("..."):
                rest = self._name("a name after `...`")
            else:
                key = self.here
                if key.kind not in ("name", "string"):
                    raise self.error(f"a key is expected, {self.shown()} stands here")
                if self.after().kind == "mark" and self.after().text == ":":
                    self.take()
                    self.take()
                    keys.append((key.text, self.pattern()))
                else:
                    keys.append((key.text, self.pattern()))
            if not self.at("}"):
                self.expect(",", " or `}`")
        return Pattern(start.at, keys=tuple(keys), rest=rest)

    def _array_pattern(self, start: Token) -> Pattern:
        items, rest = list[Pattern | None](), ""
        while not self.accept("]"):
            if self.accept(","):
                items.append(None)
                continue
            if self.accept("..."):
                rest = self._name("a name after `...`")
            else:
                items.append(self.pattern())
            if not self.at("]"):
                self.expect(",", " or `]`")
        return Pattern(start.at, items=tuple(items), rest=rest)

    def _name(self, what: str) -> str:
        if self.here.kind != "name" or self.here.text in RESERVED:
            raise self.error(f"{what} is expected, {self.shown()} stands here")
        return self.take().text
