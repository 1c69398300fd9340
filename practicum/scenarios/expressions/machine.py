"""Runs statements, with a limit to everything."""

from __future__ import annotations

from typing import Final

from practicum.scenarios.expressions import nodes
from practicum.scenarios.expressions.convert import from_json, to_text
from practicum.scenarios.expressions.errors import ThrownError
from practicum.scenarios.expressions.evaluating import Evaluating
from practicum.scenarios.expressions.operators import shown
from practicum.scenarios.expressions.scope import Scope
from practicum.scenarios.expressions.values import UNDEFINED, Failure, Value, strictly_equal, truthy


class _Left:
    """How a statement ended when it was not simply over."""

    def __init__(self, word: str, value: Value = UNDEFINED) -> None:
        self.word, self.value = word, value


_BREAK: Final = _Left("break")
_CONTINUE: Final = _Left("continue")


class Machine(Evaluating):
    """One evaluation of a whole text."""

    def body(self, body: nodes.Expr | nodes.Block, scope: Scope) -> Value:
        if not isinstance(body, nodes.Block):
            return self.value(body, scope)
        left = self._run(body, scope)
        return left.value if left is not None else UNDEFINED

    def bind(self, pattern: nodes.Pattern, value: Value, scope: Scope, constant: bool) -> None:
        self._at = pattern.at
        self.step()
        if value is UNDEFINED and pattern.default is not None:
            value = self.value(pattern.default, scope)
        if pattern.name:
            scope.names[pattern.name] = value
            if constant:
                scope.constant.add(pattern.name)
        elif pattern.keys is not None:
            for key, inner in pattern.keys:
                self.bind(inner, self.member(value, key), scope, constant)
            if pattern.rest:
                taken = {key for key, _ in pattern.keys}
                left = value.items() if isinstance(value, dict) else ()
                scope.names[pattern.rest] = {key: item for key, item in left if key not in taken}
        elif pattern.items is not None:
            items = self.items_of(value)
            for index, item in enumerate(pattern.items):
                if item is not None:
                    self.bind(item, items[index] if index < len(items) else UNDEFINED, scope, constant)
            if pattern.rest:
                scope.names[pattern.rest] = items[len(pattern.items) :]

    def _run(self, node: nodes.Statement, scope: Scope) -> _Left | None:
        self.enter(node.at)
        try:
            return self._statement(node, scope)
        finally:
            self.leave()

    def _statement(self, node: nodes.Statement, scope: Scope) -> _Left | None:
        match node:
            case nodes.Block():
                return self._all(node.statements, Scope({}, scope) if node.scoped else scope)
            case nodes.Do():
                self.value(node.value, scope)
            case nodes.Declare():
                given = UNDEFINED if node.value is None else self.value(node.value, scope)
                self.bind(node.pattern, given, scope, node.constant)
            case nodes.Assign():
                self._assign(node, scope)
            case nodes.Return():
                return _Left("return", UNDEFINED if node.value is None else self.value(node.value, scope))
            case nodes.Throw():
                self._throw(node, scope)
            case nodes.Leave():
                return _BREAK if node.word == "break" else _CONTINUE
            case nodes.If():
                for test, branch in node.branches:
                    if truthy(self.value(test, scope)):
                        return self._run(branch, scope)
                return None if node.otherwise is None else self._run(node.otherwise, scope)
            case nodes.Switch():
                return self._switch(node, scope)
            case nodes.ForOf():
                for item in self.items_of(self.value(node.many, scope)):
                    inner = Scope({}, scope)
                    self.bind(node.pattern, item, inner, False)
                    left = self._run(node.body, inner)
                    if left is not None and left is not _CONTINUE:
                        return None if left is _BREAK else left
            case nodes.For():
                return self._loop(node, Scope({}, scope))
        return None

    def _all(self, statements: tuple[nodes.Statement, ...], scope: Scope) -> _Left | None:
        for statement in statements:
            left = self._run(statement, scope)
            if left is not None:
                return left
        return None

    def _loop(self, node: nodes.For, scope: Scope) -> _Left | None:
        if node.start is not None:
            self._run(node.start, scope)
        while node.test is None or truthy(self.value(node.test, scope)):
            self.step()
            left = self._run(node.body, Scope({}, scope))
            if left is not None and left is not _CONTINUE:
                return None if left is _BREAK else left
            if node.step is not None:
                self._run(node.step, scope)
        return None

    def _switch(self, node: nodes.Switch, scope: Scope) -> _Left | None:
        subject, inner, start = self.value(node.subject, scope), Scope({}, scope), -1
        for index, (test, _) in enumerate(node.cases):
            if test is not None and strictly_equal(subject, self.value(test, scope)):
                start = index
                break
        else:
            start = next((index for index, (test, _) in enumerate(node.cases) if test is None), -1)
        for _, statements in node.cases[start:] if start >= 0 else ():
            left = self._all(statements, inner)
            if left is not None:
                return None if left is _BREAK else left
        return None

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        target = node.target
        if isinstance(target, nodes.Name):
            holder = scope.holder(target.name)
            if holder is None:
                raise self.error(f"{target.name} is not declared: write let {target.name}")
            if target.name in holder.constant:
                raise self.error(f"{target.name} is constant")
            holder.names[target.name] = self._assigned(node, holder.names[target.name], scope)
            return
        of = self.value(target.of, scope)
        key = target.key if isinstance(target.key, str) else self.value(target.key, scope)
        value = self._assigned(node, self.member(of, key) if node.operator else UNDEFINED, scope)
        self._at = node.at
        if isinstance(of, dict):
            self.charge(1)
            of[to_text(self, key)] = value
        elif isinstance(of, list) and isinstance(key, int) and not isinstance(key, bool) and key >= 0:
            self.charge(max(1, key + 1 - len(of)))
            of += [UNDEFINED] * (key + 1 - len(of))
            of[key] = value
        else:
            raise self.error(f"{shown(of)} cannot be given a member")

    def _assigned(self, node: nodes.Assign, before: Value, scope: Scope) -> Value:
        if node.operator in ("??", "||", "&&"):
            return before if self._decides(node.operator, before) else self.value(node.value, scope)
        value = self.value(node.value, scope)
        return self.operate(node.operator, before, value) if node.operator else value

    def _throw(self, node: nodes.Throw, scope: Scope) -> None:
        value = self.value(node.value, scope)
        if isinstance(value, Failure):
            raise ThrownError(self.text, node.at, value.name, value.message, dict(value.fields))
        if isinstance(value, dict):
            message = to_text(self, value.get("message", ""))
            raise ThrownError(self.text, node.at, to_text(self, value.get("name", "Error")), message, dict(value))
        raise ThrownError(self.text, node.at, "Error", to_text(self, value), {})

    def start(self, names: dict[str, Value]) -> Scope:
        """The outermost scope, its values copied."""
        return Scope({name: from_json(self, value) for name, value in names.items()})
