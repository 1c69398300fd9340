"""A safe subset of JavaScript, for conditions and answers that files write: parsed, checked at load, never executed."""

from __future__ import annotations

from practicum.scenarios.expressions.errors import EvaluationError, ExpressionError, ThrownError
from practicum.scenarios.expressions.program import Body, Expression, Program, parse_body, parse_expression

__all__ = [
    "Body",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Program",
    "ThrownError",
    "parse_body",
    "parse_expression",
]
