"""Every evaluator that comes with Practicum, and the way to read one from a scenario file."""

from __future__ import annotations

import difflib
from typing import Any, cast

from practicum.api.evaluator import Evaluator
from practicum.errors import UsageError
from practicum.scenarios.evaluators import (  # noqa: F401 - defining a class registers it
    github,
    outside,
    repository,
    written,
)
from practicum.scenarios.evaluators.base import REGISTRY, BaseEvaluator

__all__ = ["REGISTRY", "BaseEvaluator", "evaluator_class", "read_evaluator"]


def read_evaluator(entry: dict[str, Any]) -> Evaluator:
    """Make an evaluator from its keys in a scenario file.

    Raises:
        UsageError: there is no such type.
        pydantic.ValidationError: its keys are wrong.
    """
    return cast(Evaluator, evaluator_class(entry).model_validate(entry))


def evaluator_class(entry: dict[str, Any]) -> type[BaseEvaluator]:
    """The class that an entry's `type` names.

    Raises:
        UsageError: there is no such type.
    """
    kind = entry.get("type")
    found = REGISTRY.get(str(kind))
    if found is None:
        known = sorted(REGISTRY)
        close = difflib.get_close_matches(str(kind), known, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(f"unknown evaluator {kind!r}", hint=f"{hint}known: {', '.join(known)}")
    return found
