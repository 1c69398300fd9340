"""The names that a piece of text sees."""

from __future__ import annotations

from practicum.scenarios.expressions.values import Value


class Scope:
    """The names that a piece of text sees."""

    def __init__(self, names: dict[str, Value], parent: Scope | None = None) -> None:
        self.names, self.parent, self.constant = names, parent, set[str]()

    def holder(self, name: str) -> Scope | None:
        """The scope that has a name, from the inside out."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope
