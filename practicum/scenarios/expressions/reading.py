"""Which of the ways to write an answer or a condition a text is, and its tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from practicum.scenarios.expressions.errors import ExpressionError
from practicum.scenarios.expressions.nodes import Block, Declare, Do, Expr, Function, Name, Return, Template
from practicum.scenarios.expressions.statements import BodyParser
from practicum.scenarios.expressions.tokens import Token, template, tokenize

_CODE = re.compile(r"^\s*(return|const|let|var|if|for|switch|throw|function|async)\b|=>")
_T = TypeVar("_T")


def read_condition(text: str) -> Block | Function:
    """The tree of a `matcher`: an expression, `return expression`, or a function.

    Raises:
        ExpressionError: it is none.
    """
    return _guarded(text, lambda: _read(text, _without_end(text, tokenize(text))))


def read_body(text: str) -> Block | Function:
    """The tree of a `responseFn`: statements, a function, an expression, or a text with `${...}` in it.

    Raises:
        ExpressionError: it is none of these.
    """
    return _guarded(text, lambda: _read_body(text))


def _guarded(text: str, read: Callable[[], _T]) -> _T:
    if not text.strip():
        raise ExpressionError(text, 0, "an expression is expected, nothing stands here")
    try:
        return read()
    except RecursionError:
        raise ExpressionError(text, 0, "nested too deeply") from None


def _read_body(text: str) -> Block | Function:
    try:
        tokens = _without_end(text, tokenize(text))
        if len(tokens) > 2 or tokens[0].kind != "template" or tokens[0].text != "${":
            return _read(text, tokens)
    except ExpressionError:
        if "${" not in text or _CODE.search(text) or text.lstrip()[:1] in ("{", "["):
            raise
    token = template(text)  # words with holes, such as `Hello ${input.name}`: the answer is a text
    parts = tuple(part if isinstance(part, str) else BodyParser(text, part).whole() for part in token.parts)
    return Block(0, (Return(0, Template(0, parts)),))


def _read(text: str, tokens: tuple[Token, ...]) -> Block | Function:
    parser = BodyParser(text, tokens)
    if tokens[0].kind == "mark" and tokens[0].text == "{" and _is_object(tokens):
        made: Expr = parser.whole()
        return Block(0, (Return(0, made),))
    program = parser.program()
    if len(program.statements) == 1 and isinstance(only := program.statements[0], Block):
        program = only
    last = program.statements[-1] if program.statements else None
    if isinstance(last, Do):
        if len(program.statements) == 1 and isinstance(last.value, Function):
            return last.value
        return Block(program.at, (*program.statements[:-1], Return(last.at, last.value)))
    if isinstance(last, Declare) and isinstance(last.value, Function):  # `function answer(args) {...}`: that is meant
        return Block(program.at, (*program.statements, Return(last.at, Name(last.at, last.pattern.name))))
    return program


def _without_end(text: str, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without the semicolons that may end a whole text."""
    end = len(tokens) - 1
    while end and tokens[end - 1].kind == "mark" and tokens[end - 1].text == ";":
        end -= 1
    if not end:
        raise ExpressionError(text, 0, "an expression is expected, nothing stands here")
    return (*tokens[:end], tokens[-1])


def _is_object(tokens: tuple[Token, ...]) -> bool:
    """Whether a text that begins with `{` is an object, and not a block of statements."""
    first, second = tokens[1], tokens[min(2, len(tokens) - 1)]
    if first.kind in ("string", "template", "number"):
        return True
    if first.kind == "name":
        return second.kind == "mark" and second.text in (":", ",", "}", "(")
    return first.kind == "mark" and first.text in ("}", "...", "[")
