"""A condition or a body, read once and worked out for each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.scenarios.expressions.checker import check, names_used
from practicum.scenarios.expressions.convert import to_json
from practicum.scenarios.expressions.errors import ExpressionError
from practicum.scenarios.expressions.library import GLOBALS
from practicum.scenarios.expressions.machine import Machine
from practicum.scenarios.expressions.nodes import Block, Function, Pattern
from practicum.scenarios.expressions.reading import read_body, read_condition
from practicum.scenarios.expressions.values import UNDEFINED, Closure, Value, truthy

_ROLES = {
    "args": ("args", "arguments", "argv", "arg"),
    "input": ("input", "params", "options", "opts", "request", "req", "body", "payload", "data", "parameters"),
    "context": ("context", "ctx", "runtime"),
}
_ROLE = {name: role for role, names in _ROLES.items() for name in names}


@dataclass(frozen=True)
class Program:
    """A text and its tree."""

    text: str
    tree: Block | Function = field(repr=False)

    @property
    def names(self) -> set[str]:
        """Which of `args`, `input`, `context` and of the library it mentions."""
        return names_used(self.tree)

    def evaluate(self, names: Mapping[str, Json], *, clock: Clock, random: Random) -> Json:
        """What it comes to; undefined is null.

        `names` are what it sees: `args` (a list), `input`, `context` (objects); they are not changed. `clock` is what
        `Date` says, `random` what `Math.random()` draws from.

        Raises:
            EvaluationError: it fails for these, or takes or makes more than it may; `ThrownError`: it says `throw`.
        """
        machine = Machine(self.text, clock, random, GLOBALS)
        value = self._guarded(machine, names)
        try:
            return to_json(machine, value)
        except RecursionError:
            raise machine.error("the answer is nested too deeply") from None

    def holds(self, names: Mapping[str, Json], *, clock: Clock, random: Random) -> bool:
        """Whether it comes to something that counts as true. As `evaluate` otherwise."""
        return truthy(self._guarded(Machine(self.text, clock, random, GLOBALS), names))

    def _guarded(self, machine: Machine, names: Mapping[str, Json]) -> Value:
        try:
            return self._run(machine, names)
        except RecursionError:
            raise machine.error("functions call each other too deeply") from None

    def _run(self, machine: Machine, names: Mapping[str, Json]) -> Value:
        scope = machine.start(dict(names))
        if isinstance(self.tree, Function):
            return _called(machine, Closure(self.tree, scope), scope.names)
        value = machine.body(self.tree, scope)
        return _called(machine, value, scope.names) if isinstance(value, Closure) else value


def _called(machine: Machine, closure: Closure, names: Mapping[str, Value]) -> Value:
    """What the function that a text is, or comes to, says to the call."""
    function, args = closure.function, names.get("args")
    given = args if isinstance(args, list) else []
    known = any(parameter.name in _ROLE for parameter in function.parameters)
    values = [_argument(parameter, index, given, names, known) for index, parameter in enumerate(function.parameters)]
    if function.rest is not None:
        values += given[len(values) :]
    return machine.call(closure, values)


def _argument(parameter: Pattern, index: int, args: list[Value], names: Mapping[str, Value], known: bool) -> Value:
    """What a parameter of the outermost function is given.

    `args`, `input` and `context` (and a few other words for them) are known by their names, `{a, b}` takes the input
    apart. Any others are the call's own arguments in order.
    """
    if parameter.name in _ROLE:
        return names.get(_ROLE[parameter.name], UNDEFINED)
    if parameter.keys is not None:
        at = args[index] if index < len(args) and isinstance(args[index], dict) else UNDEFINED
        return at if at is not UNDEFINED and not known else names.get("input", UNDEFINED)
    if known and index < 3:
        return names.get(("args", "input", "context")[index], UNDEFINED)
    return args[index] if index < len(args) else UNDEFINED


class Expression(Program):
    """A `matcher`."""


class Body(Program):
    """A `responseFn`."""


def parse_expression(text: str) -> Expression:
    """Read and check a `matcher`.

    Raises:
        ExpressionError: with `line` and `column` within the text, and what was expected.
    """
    tree = read_condition(text)
    return Expression(text, _checked(text, tree))


def parse_body(text: str) -> Body:
    """Read and check a `responseFn`.

    Raises:
        ExpressionError: with `line` and `column` within the text, and what was expected.
    """
    tree = read_body(text)
    return Body(text, _checked(text, tree))


def _checked(text: str, tree: Block | Function) -> Block | Function:
    try:
        check(text, tree)
    except RecursionError:
        raise ExpressionError(text, 0, "nested too deeply") from None
    return tree
