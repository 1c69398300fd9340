"""From text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from practicum.scenarios.expressions.errors import ExpressionError

LONGEST = 20_000
"""Characters of a text."""

_DEEPEST = 12
"""Templates within templates."""

Kind = Literal["name", "number", "string", "template", "regex", "mark", "end"]

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
_MARK = re.compile(
    r"\.\.\.|===|!==|\*\*=|\?\?=|&&=|\|\|=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|/=|%=|\*\*"
    r"|[-+*/%<>!=?:;,.(){}\[\]]"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_ESCAPED = re.compile(r"u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})")
_BEFORE_OPERAND = {"return", "typeof", "case", "in", "of", "throw", "await", "else", "void"}


@dataclass(frozen=True)
class Token:
    """One word of a text. `at` is its offset; `newline` says that a line ended before it."""

    kind: Kind
    text: str
    """The name, the mark, what a string stands for, a regular expression's pattern."""
    at: int
    newline: bool = False
    number: float = 0.0
    parts: tuple[str | tuple[Token, ...], ...] = ()
    """Of a template: texts, and the tokens of what stands between `${` and `}`."""
    flags: str = ""


def tokenize(text: str) -> tuple[Token, ...]:
    """All tokens of a text, the last one of kind `end`.

    Raises:
        ExpressionError: it is too long, a string has no end, a character has no meaning.
    """
    if len(text) > LONGEST:
        raise ExpressionError(text, LONGEST, f"longer than {LONGEST} characters")
    tokens, at = _Reader(text).read(0, "", 0)
    return (*tokens, Token("end", "", at, True))


def template(text: str) -> Token:
    """A whole text as a template: what stands in `${...}` is an expression, all else is itself.

    Raises:
        ExpressionError: as above.
    """
    if len(text) > LONGEST:
        raise ExpressionError(text, LONGEST, f"longer than {LONGEST} characters")
    token, _ = _Reader(text).string(0, "", False, 0)
    return token


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, at: int, until: str, depth: int) -> tuple[list[Token], int]:
        """Tokens from an offset to the end, or to the `}` that closes a template's hole."""
        text, found, opened = self._text, list[Token](), 0
        while True:
            newline = False
            if space := _SPACE.match(text, at):
                newline, at = "\n" in space[0], space.end()
            if at >= len(text):
                if until:
                    raise ExpressionError(text, at, "`}` is missing: `${` has no end")
                return found, at
            char = text[at]
            if char == "}" and until and not opened:
                return found, at
            if text.startswith("/*", at):
                raise ExpressionError(text, at, "a comment has no end: */ is missing")
            if char in "'\"`":
                token, at = self.string(at, char, newline, depth)
            elif char == "$" and text.startswith("${", at):
                token, at = self._hole(at, newline, depth)
            elif char == "/" and _operand_follows(found):
                token, at = self._regex(at, newline)
            elif name := _NAME.match(text, at):
                token, at = Token("name", name[0], at, newline), name.end()
            elif number := _NUMBER.match(text, at):
                token, at = Token("number", number[0], at, newline, number=_number(number[0])), number.end()
                if _NAME.match(text, at):
                    raise ExpressionError(text, at, f"a number goes on as a name: {text[token.at : at + 1]!r}")
            elif mark := _MARK.match(text, at):
                opened += {"{": 1, "}": -1}.get(char, 0)
                token, at = Token("mark", mark[0], at, newline), mark.end()
            else:
                raise ExpressionError(text, at, f"{char!r} has no meaning here")
            found.append(token)

    def string(self, at: int, quote: str, newline: bool, depth: int) -> tuple[Token, int]:
        """A string in any kind of quotes; with `${...}` inside, a template."""
        text, start, piece = self._text, at, list[str]()
        parts = list[str | tuple[Token, ...]]()
        at += len(quote)
        while True:
            if at >= len(text):
                if quote:
                    raise ExpressionError(text, start, f"a string has no end: {quote} is missing")
                break
            char = text[at]
            if quote and char == quote:
                at += 1
                break
            if char == "\n" and quote in ("'", '"'):
                raise ExpressionError(text, start, f"a string has no end: {quote} is missing")
            if char == "\\" and (quote or text.startswith("\\${", at)):
                decoded, at = self._escape(at + 1)
                piece.append(decoded)
            elif text.startswith("${", at):
                hole, at = self._hole(at, False, depth)
                parts += ["".join(piece), hole.parts[0]]
                piece = []
            else:
                piece.append(char)
                at += 1
        if not parts:
            return Token("string", "".join(piece), start, newline), at
        return Token("template", "", start, newline, parts=(*parts, "".join(piece))), at

    def _escape(self, at: int) -> tuple[str, int]:
        if coded := _ESCAPED.match(self._text, at):
            code = int(coded[1] or coded[2] or coded[3], 16)
            if code > 0x10FFFF:
                raise ExpressionError(self._text, at, "no such character")
            return chr(code), coded.end()
        char = self._text[at : at + 1]
        return _ESCAPES.get(char, char), at + 1

    def _hole(self, at: int, newline: bool, depth: int) -> tuple[Token, int]:
        if depth >= _DEEPEST:
            raise ExpressionError(self._text, at, f"templates are nested more than {_DEEPEST} deep")
        inside, end = self.read(at + 2, "}", depth + 1)
        tokens = (*inside, Token("end", "", end, True))
        return Token("template", "${", at, newline, parts=(tokens,)), end + 1

    def _regex(self, at: int, newline: bool) -> tuple[Token, int]:
        text, start, in_class = self._text, at, False
        at += 1
        while at < len(text) and text[at] != "\n" and (text[at] != "/" or in_class):
            in_class = (in_class or text[at] == "[") and text[at] != "]"
            at += 2 if text[at] == "\\" else 1
        if at >= len(text) or text[at] != "/":
            raise ExpressionError(text, start, "a regular expression has no end: / is missing")
        flags = _NAME.match(text, at + 1)
        end = flags.end() if flags else at + 1
        return Token("regex", text[start + 1 : at], start, newline, flags=flags[0] if flags else ""), end


def _operand_follows(before: list[Token]) -> bool:
    """Whether `/` begins a regular expression here: nothing stands before it that could be divided."""
    if not before:
        return True
    last = before[-1]
    if last.kind == "name":
        return last.text in _BEFORE_OPERAND
    return last.kind == "mark" and last.text not in (")", "]", "}")


def _number(text: str) -> float:
    plain = text.replace("_", "")
    if plain[:2] in ("0x", "0X"):
        return float(int(plain, 16)) if len(plain) < 200 else float("inf")
    return float(plain)
