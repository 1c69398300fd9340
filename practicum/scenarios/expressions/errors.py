"""What can be wrong with an expression: as it is read, and as it runs."""

from __future__ import annotations

from practicum.errors import PracticumError, UsageError


class ExpressionError(UsageError):
    """A text is not in the subset of JavaScript that is read here.

    `line` and `column` count from 1, within the text.
    """

    def __init__(self, text: str, at: int, message: str, *, hint: str = "") -> None:
        self.line, self.column = place(text, at)
        self.problem = message
        super().__init__(f"line {self.line}, column {self.column}: {message}", hint=hint)


class EvaluationError(PracticumError):
    """An expression that reads well could not be worked out for a certain call: `line`, `column` as above."""

    def __init__(self, text: str, at: int, message: str) -> None:
        self.line, self.column = place(text, at)
        self.problem = message
        super().__init__(f"line {self.line}, column {self.column}: {message}")


class ThrownError(EvaluationError):
    """The body itself said `throw`. `name` is the error's, `fields` are its other members, such as `status`."""

    def __init__(self, text: str, at: int, name: str, message: str, fields: dict[str, object]) -> None:
        super().__init__(text, at, message)
        self.name, self.fields = name, fields


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    at = min(max(at, 0), len(text))
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
