"""The expression language of workflow files: parsed, then evaluated over plain data. Nothing is ever executed.

Source: GitHub Docs, "Evaluate expressions in workflows and actions". Left out: object filters (`.*`) and `hashFiles`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from practicum.bus.events import Json
from practicum.world.actions.values import FUNCTIONS, ExpressionError, equal, to_number, to_text, truthy

__all__ = ["ExpressionError", "Scope", "Status", "check", "condition", "evaluate", "render", "to_text", "truthy"]

Context = Mapping[str, Json]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))"
    r"|(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<op>&&|\|\||==|!=|<=|>=|[<>!().,*\[\]]))"
)
_TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
MAX_TOKENS = 400
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand, for `success()`, `failure()`, `always()`, `cancelled()`."""

    success: bool = True
    failure: bool = False
    cancelled: bool = False


class Scope:
    """What an expression can see, and a note of the secrets that it asked for (all are empty)."""

    def __init__(self, context: Context, status: Status | None = None) -> None:
        self.context = context
        self.status = status
        """None where status functions make no sense."""
        self.secrets_read: set[str] = set()


_STATUS_FUNCTIONS = ("always", "success", "failure", "cancelled")


def render(template: str, scope: Scope) -> str:
    """Replace every `${{ }}` by its value as text.

    Raises:
        ExpressionError: malformed or unsupported.
    """
    return _TEMPLATE.sub(lambda match: to_text(evaluate(match.group(1), scope)), template)


def condition(source: str, scope: Scope) -> bool:
    """Evaluate an `if`; without a status function in it, `success()` is asked as well.

    Raises:
        ExpressionError: malformed or unsupported.
    """
    text = source.strip()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    if whole and "${{" not in whole.group(1):
        text = whole.group(1)
    elif "${{" in text:
        raise ExpressionError(f"if: {source!r} mixes text and ${{{{ }}}}", hint="write one expression")
    if not text.strip():
        return scope.status is None or scope.status.success
    node = _Parser(text)
    value = truthy(node.parse()(scope))
    if node.asks_status or scope.status is None:
        return value
    return value and scope.status.success


def check(template: str, *, is_condition: bool = False) -> None:
    """Parse without evaluating, to find errors before anything runs.

    Raises:
        ExpressionError: malformed or unsupported.
    """
    sources = [match.group(1) for match in _TEMPLATE.finditer(template)]
    if is_condition and not sources and template.strip():
        sources = [template]
    for source in sources:
        _Parser(source).parse()
    if template.count("${{") > len(_TEMPLATE.findall(template)):
        raise ExpressionError("a ${{ is never closed")


def evaluate(source: str, scope: Scope) -> Json:
    """Value of one expression.

    Raises:
        ExpressionError: malformed or unsupported.
    """
    return _Parser(source).parse()(scope)


_Node = Callable[[Scope], Json]


class _Parser:
    """Recursive descent over the tokens of one expression; makes a closure."""

    def __init__(self, source: str) -> None:
        self._source = source.strip()
        self._tokens = _tokens(self._source)
        self._at = 0
        self._depth = 0
        self.asks_status = False

    def parse(self) -> _Node:
        self._at = 0
        if not self._tokens:
            raise ExpressionError("an expression is empty")
        node = self._or()
        if self._at < len(self._tokens):
            raise self._error(f"unexpected {self._tokens[self._at][1]!r}")
        return node

    def _error(self, message: str) -> ExpressionError:
        return ExpressionError(f"expression {self._source!r}: {message}")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *texts: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at] in [("op", text) for text in texts]:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._error(f"expected {text!r}" + (f", found {self._peek()!r}" if self._peek() else " at the end"))

    def _or(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error("is nested too deeply")
        nodes = [self._and()]
        while self._take("||"):
            nodes.append(self._and())
        self._depth -= 1
        return nodes[0] if len(nodes) == 1 else lambda scope: _first(nodes, scope, want=True)

    def _and(self) -> _Node:
        nodes = [self._equality()]
        while self._take("&&"):
            nodes.append(self._equality())
        return nodes[0] if len(nodes) == 1 else lambda scope: _first(nodes, scope, want=False)

    def _equality(self) -> _Node:
        left = self._relation()
        while operator := self._take("==", "!="):
            left = _compare(left, operator, self._relation())
        return left

    def _relation(self) -> _Node:
        left = self._unary()
        while operator := self._take("<=", ">=", "<", ">"):
            left = _compare(left, operator, self._unary())
        return left

    def _unary(self) -> _Node:
        if self._take("!"):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise self._error("is nested too deeply")
            inner = self._unary()
            self._depth -= 1
            return lambda scope: not truthy(inner(scope))
        return self._postfix(self._primary())

    def _postfix(self, node: _Node) -> _Node:
        while operator := self._take(".", "["):
            if operator == ".":
                if self._peek() == "*":
                    raise self._error("object filters (.*) are not supported")
                kind, name = self._next()
                if kind != "name":
                    raise self._error(f"expected a name after '.', found {name!r}")
                node = _member(node, _constant(name))
            else:
                index = self._or()
                self._expect("]")
                node = _member(node, index)
        return node

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._error("ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _primary(self) -> _Node:
        kind, text = self._next()
        if kind == "number":
            return _constant(_number_literal(text))
        if kind == "string":
            return _constant(text[1:-1].replace("''", "'"))
        if kind == "name":
            if self._take("("):
                return self._call(text)
            if text in ("true", "false", "null"):
                return _constant({"true": True, "false": False, "null": None}[text])
            return self._context(text)
        if text == "(":
            node = self._or()
            self._expect(")")
            return node
        raise self._error(f"unexpected {text!r}")

    def _context(self, name: str) -> _Node:
        if name == "secrets":
            return self._secret()
        if name not in CONTEXTS:
            raise self._error(f"{name!r} is not a known context; known: {', '.join(CONTEXTS)}, secrets")
        return lambda scope: scope.context.get(name)

    def _secret(self) -> _Node:
        self._expect(".")
        _, name = self._next()

        def read(scope: Scope) -> Json:
            scope.secrets_read.add(name)
            return ""

        return read

    def _call(self, name: str) -> _Node:
        arguments: list[_Node] = []
        if not self._take(")"):
            arguments.append(self._or())
            while self._take(","):
                arguments.append(self._or())
            self._expect(")")
        lowered = name.lower()
        if lowered in _STATUS_FUNCTIONS:
            if arguments:
                raise self._error(f"{name}() takes no argument")
            self.asks_status = True
            return lambda scope: _status(lowered, scope)
        if lowered not in FUNCTIONS:
            raise self._error(f"function {name}() is not supported; known: {', '.join(sorted(FUNCTIONS))}")
        function, least, most = FUNCTIONS[lowered]
        if not least <= len(arguments) <= most:
            raise self._error(f"{name}() was given {len(arguments)} arguments")
        return lambda scope: function([argument(scope) for argument in arguments])


CONTEXTS = ("github", "env", "matrix", "steps", "needs", "job", "jobs", "runner", "strategy", "vars", "inputs")
"""The names that an expression may begin with, besides `secrets`."""


def _tokens(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            if not source[at:].strip():
                break
            raise ExpressionError(f"expression {source!r}: cannot read {source[at:].strip()[:12]!r}")
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        at = match.end()
        if len(found) > MAX_TOKENS:
            raise ExpressionError("an expression is too long")
    return found


def _number_literal(text: str) -> int | float:
    if "x" in text.lower():
        return int(text, 16)
    value = float(text)
    return int(value) if value.is_integer() else value


def _constant(value: Json) -> _Node:
    return lambda scope: value


def _first(nodes: Sequence[_Node], scope: Scope, *, want: bool) -> Json:
    """`||` gives the first true operand, `&&` the first false one, else the last."""
    value: Json = None
    for node in nodes:
        value = node(scope)
        if truthy(value) is want:
            return value
    return value


def _member(node: _Node, key: _Node) -> _Node:
    def read(scope: Scope) -> Json:
        holder, name = node(scope), key(scope)
        if isinstance(holder, dict):
            wanted = to_text(name)
            if wanted in holder:
                return holder[wanted]
            return next((value for found, value in holder.items() if found.lower() == wanted.lower()), None)
        if isinstance(holder, list):
            number = to_number(name)
            if number.is_integer() and 0 <= number < len(holder):
                return holder[int(number)]
        return None

    return read


def _status(name: str, scope: Scope) -> bool:
    if scope.status is None:
        raise ExpressionError(f"{name}() can be used in `if` only")
    return name == "always" or bool(getattr(scope.status, name))


def _compare(left: _Node, operator: str, right: _Node) -> _Node:
    def decide(scope: Scope) -> Json:
        one, two = left(scope), right(scope)
        if operator in ("==", "!="):
            return equal(one, two) is (operator == "==")
        if isinstance(one, str) and isinstance(two, str):
            a, b = one.lower(), two.lower()
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
        x, y = to_number(one), to_number(two)
        return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[operator]

    return decide
