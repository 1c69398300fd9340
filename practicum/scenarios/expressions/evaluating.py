"""Works out expressions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from random import Random

from practicum.clock import Clock
from practicum.scenarios.expressions import nodes
from practicum.scenarios.expressions.convert import add, less, loosely_equal, to_text
from practicum.scenarios.expressions.limits import Limits
from practicum.scenarios.expressions.members import find_method, own_member
from practicum.scenarios.expressions.operators import arithmetic, named, shown
from practicum.scenarios.expressions.patterns import make_pattern
from practicum.scenarios.expressions.scope import Scope
from practicum.scenarios.expressions.values import (
    UNDEFINED,
    Builtin,
    Closure,
    Failure,
    Moment,
    Namespace,
    Rule,
    Value,
    as_number,
    kind_of,
    strictly_equal,
    truthy,
)


class _ShortCut(Exception):
    """A link of `a?.b.c` had nothing before it."""


class Evaluating(Limits):
    """One evaluation: its text, its clock and chance, and what it may still spend."""

    def __init__(self, text: str, clock: Clock, random: Random, globals_: dict[str, Value]) -> None:
        super().__init__(text)
        self.clock, self.random = clock, random
        self._globals = globals_
        self._rules: dict[int, Rule] = {}

    def value(self, node: nodes.Expr, scope: Scope) -> Value:
        """What an expression comes to.

        Raises:
            EvaluationError: it comes to nothing, or takes too much.
        """
        self.enter(node.at)
        try:
            return _VALUES[type(node)](self, node, scope)
        finally:
            self.leave()

    def _literal(self, node: nodes.Literal, scope: Scope) -> Value:
        return node.value

    def _regex(self, node: nodes.Regex, scope: Scope) -> Value:
        found = self._rules.get(node.at)
        if found is None:
            found = self._rules[node.at] = Rule(node.pattern, node.flags, make_pattern(node.pattern, node.flags))
        return found

    def _name(self, node: nodes.Name, scope: Scope) -> Value:
        holder = scope.holder(node.name)
        if holder is not None:
            return holder.names[node.name]
        if node.name in self._globals:
            return self._globals[node.name]
        raise self.error(f"{node.name} is not defined")

    def _template(self, node: nodes.Template, scope: Scope) -> Value:
        parts = [part if isinstance(part, str) else to_text(self, self.value(part, scope)) for part in node.parts]
        self.charge(sum(len(part) for part in parts))
        return "".join(parts)

    def _array(self, node: nodes.ArrayOf, scope: Scope) -> Value:
        return self._many(node.items, scope)

    def _many(self, items: tuple[nodes.Expr | nodes.Spread, ...], scope: Scope) -> list[Value]:
        made: list[Value] = []
        for item in items:
            if isinstance(item, nodes.Spread):
                made += self.items_of(self.value(item.value, scope))
            else:
                made.append(self.value(item, scope))
        self.charge(len(made))
        return made

    def items_of(self, value: Value) -> list[Value]:
        """What `for ... of` and `...` go through."""
        if isinstance(value, list):
            self.charge(len(value))
            return list(value)
        if isinstance(value, str):
            self.charge(len(value))
            return list(value)
        raise self.error(f"{shown(value)} cannot be gone through")

    def _object(self, node: nodes.ObjectOf, scope: Scope) -> Value:
        made: dict[str, Value] = {}
        for entry in node.entries:
            if isinstance(entry, nodes.Spread):
                value = self.value(entry.value, scope)
                if isinstance(value, list):
                    value = {str(index): item for index, item in enumerate(value)}
                if isinstance(value, dict):
                    self.charge(len(value))
                    made.update(value)
            else:
                key = entry.key if isinstance(entry.key, str) else to_text(self, self.value(entry.key, scope))
                made[key] = self.value(entry.value, scope)
        self.charge(len(made))
        return made

    def _member(self, node: nodes.Member, scope: Scope) -> Value:
        of = self.value(node.of, scope)
        if node.optional and (of is None or of is UNDEFINED):
            raise _ShortCut
        key = node.key if isinstance(node.key, str) else self.value(node.key, scope)
        self._at = node.at
        return self.member(of, key)

    def member(self, of: Value, key: Value) -> Value:
        """`of[key]`: undefined where it has none.

        Raises:
            EvaluationError: `of` is null or undefined.
        """
        name = to_text(self, key)
        if of is None or of is UNDEFINED:
            raise self.error(f"cannot read {name[:60]!r} of {shown(of)}")
        found = own_member(self, of, name)
        if found is not UNDEFINED:
            return found
        method = find_method(of, name)
        return UNDEFINED if method is None else Builtin(name, lambda machine, values: method(machine, of, values))

    def _optional(self, node: nodes.Optional, scope: Scope) -> Value:
        try:
            return self.value(node.chain, scope)
        except _ShortCut:
            return UNDEFINED

    def _call(self, node: nodes.Call, scope: Scope) -> Value:
        callee = self.value(node.callee, scope)
        if node.optional and (callee is None or callee is UNDEFINED):
            raise _ShortCut
        values = self._many(node.arguments, scope)
        self._at = node.at
        if kind_of(callee) != "function":
            raise self.error(f"{named(node.callee)} is not a function")
        return self.call(callee, values)

    def call(self, callee: Value, values: list[Value]) -> Value:
        """Call a function with values.

        Raises:
            EvaluationError: it is none, or fails.
        """
        self.step()
        if isinstance(callee, Builtin):
            return callee.call(self, values)
        if isinstance(callee, Namespace) and callee.call is not None:
            return callee.call(self, values)
        if not isinstance(callee, Closure):
            raise self.error(f"{shown(callee)} is not a function")
        function, scope = callee.function, Scope({}, callee.scope)
        for index, parameter in enumerate(function.parameters):
            self.bind(parameter, values[index] if index < len(values) else UNDEFINED, scope, False)
        if function.rest is not None:
            self.bind(function.rest, values[len(function.parameters) :], scope, False)
        return self.body(function.body, scope)

    @abstractmethod
    def body(self, body: nodes.Expr | nodes.Block, scope: Scope) -> Value:
        """What a function's body returns."""

    def _new(self, node: nodes.New, scope: Scope) -> Value:
        values = self._many(node.arguments, scope)
        self._at = node.at
        made = self._globals[node.name]
        if not isinstance(made, Namespace) or made.make is None:
            raise self.error(f"{node.name} cannot be made with `new`")
        return made.make(self, values)

    def _unary(self, node: nodes.Unary, scope: Scope) -> Value:
        if node.operator == "typeof" and isinstance(node.operand, nodes.Name):
            name = node.operand.name
            if scope.holder(name) is None and name not in self._globals:
                return "undefined"
        value = self.value(node.operand, scope)
        if node.operator == "!":
            return not truthy(value)
        if node.operator == "typeof":
            return kind_of(value)
        if node.operator == "void":
            return UNDEFINED
        found = as_number(value)
        return -found if node.operator == "-" else found

    def _logical(self, node: nodes.Logical, scope: Scope) -> Value:
        value: Value = UNDEFINED
        for operand in node.operands:
            value = self.value(operand, scope)
            if self._decides(node.operator, value):
                break
        return value

    def _decides(self, operator: str, value: Value) -> bool:
        """Whether what stands after `&&`, `||` or `??` no longer matters."""
        if operator == "??":
            return value is not None and value is not UNDEFINED
        return truthy(value) == (operator == "||")

    def _conditional(self, node: nodes.Conditional, scope: Scope) -> Value:
        return self.value(node.yes if truthy(self.value(node.test, scope)) else node.no, scope)

    def _function(self, node: nodes.Function, scope: Scope) -> Value:
        return Closure(node, scope)

    def _chain(self, node: nodes.Chain, scope: Scope) -> Value:
        value = self.value(node.first, scope)
        for operator, operand in node.rest:
            other = self.value(operand, scope)
            self._at = node.at
            value = self.operate(operator, value, other)
        return value

    def operate(self, operator: str, one: Value, other: Value) -> Value:
        """What an operator makes of two values."""
        if operator in ("===", "!=="):
            return strictly_equal(one, other) == (operator == "===")
        if operator in ("==", "!="):
            return loosely_equal(self, one, other) == (operator == "==")
        if operator == "+":
            return add(self, one, other)
        if operator == "<":
            return less(self, one, other) is True
        if operator == ">":
            return less(self, other, one) is True
        if operator == "<=":
            return less(self, other, one) is False
        if operator == ">=":
            return less(self, one, other) is False
        if operator == "in":
            if not isinstance(other, dict | list):
                raise self.error(f"`in` looks into {shown(other)}, which has no keys")
            return own_member(self, other, to_text(self, one)) is not UNDEFINED
        if operator == "instanceof":
            return self._instance(one, other)
        return arithmetic(operator, as_number(one), as_number(other))

    def _instance(self, one: Value, other: Value) -> bool:
        name = other.name if isinstance(other, Namespace) else ""
        kinds: dict[str, type | tuple[type, ...]] = {"Array": list, "Date": Moment, "Error": Failure, "RegExp": Rule}
        if name == "Object":
            return isinstance(one, dict | list | Moment | Failure | Rule)
        return name in kinds and isinstance(one, kinds[name])

    @abstractmethod
    def bind(self, pattern: nodes.Pattern, value: Value, scope: Scope, constant: bool) -> None:
        """Give the names of a pattern their values."""


_VALUES: dict[type, Callable[..., Value]] = {
    nodes.Literal: Evaluating._literal,
    nodes.Regex: Evaluating._regex,
    nodes.Name: Evaluating._name,
    nodes.Template: Evaluating._template,
    nodes.ArrayOf: Evaluating._array,
    nodes.ObjectOf: Evaluating._object,
    nodes.Member: Evaluating._member,
    nodes.Call: Evaluating._call,
    nodes.Optional: Evaluating._optional,
    nodes.New: Evaluating._new,
    nodes.Unary: Evaluating._unary,
    nodes.Chain: Evaluating._chain,
    nodes.Logical: Evaluating._logical,
    nodes.Conditional: Evaluating._conditional,
    nodes.Function: Evaluating._function,
}
