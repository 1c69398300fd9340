"""What one evaluation may spend."""

from __future__ import annotations

from practicum.scenarios.expressions.errors import EvaluationError

MOST_STEPS = 200_000
"""Nodes that are worked out and steps of regular expressions, for one call."""

MOST_SIZE = 2_000_000
"""Characters and items that are made, for one call."""

DEEPEST = 160
"""Nodes within nodes, functions that call functions among them."""


class Limits:
    """The text that is worked out, the place in it, and what may still be spent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps, self._size, self._depth, self._at = MOST_STEPS, MOST_SIZE, 0, 0

    def error(self, message: str) -> EvaluationError:
        """An error at the place that is being worked out."""
        return EvaluationError(self.text, self._at, message)

    def step(self) -> None:
        """Pay for one step.

        Raises:
            EvaluationError: there were too many.
        """
        self._steps -= 1
        if self._steps < 0:
            raise self.error(f"more than {MOST_STEPS:,} steps")

    def charge(self, size: int) -> None:
        """Pay for what is about to be made: characters or items.

        Raises:
            EvaluationError: it would be too much.
        """
        self._size -= max(0, size)
        if self._size < 0:
            raise self.error(f"more than {MOST_SIZE:,} characters and items are made")

    def enter(self, at: int) -> None:
        """Begin with a node, which `leave` ends.

        Raises:
            EvaluationError: there were too many, or they are too deep in each other.
        """
        self._at = at
        self.step()
        if self._depth >= DEEPEST:
            raise self.error("functions call each other too deeply")
        self._depth += 1

    def leave(self) -> None:
        self._depth -= 1
