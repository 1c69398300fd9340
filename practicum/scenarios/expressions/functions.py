"""From tokens to functions."""

from __future__ import annotations

from practicum.scenarios.expressions.nodes import Block, Expr, Function, Pattern
from practicum.scenarios.expressions.parser import RESERVED, Parser
from practicum.scenarios.expressions.tokens import Token


class FunctionParser(Parser):
    """Reads functions too."""

    def function_follows(self) -> bool:
        skip = 1 if self.at("async") and not self.after().newline else 0
        first = self.after(skip)
        if first.kind == "name" and first.text == "function":
            return True
        if first.kind == "name" and first.text not in RESERVED:
            return self.after(skip + 1).kind == "mark" and self.after(skip + 1).text == "=>"
        if first.kind != "mark" or first.text != "(":
            return False
        opened = 0
        for index in range(self.position + skip, len(self.tokens)):
            token = self.tokens[index]
            if token.kind != "mark":
                continue
            opened += token.text in ("(", "[", "{")
            opened -= token.text in (")", "]", "}")
            if not opened:
                follows = self.tokens[min(index + 1, len(self.tokens) - 1)]
                return follows.kind == "mark" and follows.text == "=>"
        return False

    def function(self) -> Function:
        start = self.here
        self.accept("async")
        if self.accept("function"):
            self.accept("*")
            if self.here.kind == "name":
                self.take()
            return self.rest_of_function(start)
        if self.here.kind == "name":
            name = self.take()
            parameters: tuple[Pattern, ...] = (Pattern(name.at, name.text),)
            rest = None
        else:
            parameters, rest = self._parameters()
        self.expect("=>")
        body: Expr | Block = self.block() if self.at("{") else self.expression()
        return Function(start.at, parameters, rest, body)

    def rest_of_function(self, start: Token) -> Function:
        parameters, rest = self._parameters()
        return Function(start.at, parameters, rest, self.block())

    def _parameters(self) -> tuple[tuple[Pattern, ...], Pattern | None]:
        self.expect("(")
        found, rest = list[Pattern](), None
        while not self.accept(")"):
            if self.accept("..."):
                rest = self.pattern()
                self.expect(")", " after the last parameter")
                break
            found.append(self.pattern())
            if not self.at(")"):
                self.expect(",", " or `)` after a parameter")
        return tuple(found), rest
