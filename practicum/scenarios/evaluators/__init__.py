"""Every evaluator that comes with Practicum, and the way to read one from a scenario file."""

from __future__ import annotations

import difflib
from typing import Any, cast

from practicum.api.evaluator import Evaluator
from practicum.errors import UsageError
from practicum.scenarios.evaluators import (  # noqa: F401 - defining a class registers it
    actions,
    asked,
    conversation,
    deliveries,
    files,
    github,
    history,
    measures,
    outside,
    repository,
    satisfaction,
    written,
)
from practicum.scenarios.evaluators.base import REGISTRY, BaseEvaluator, Expression
from practicum.scenarios.evaluators.foreign import foreign_types, load_foreign
from practicum.scenarios.evaluators.patterns import find, search
from practicum.text import shown

__all__ = ["REGISTRY", "BaseEvaluator", "Expression", "evaluator_class", "find", "read_evaluator", "search"]


def read_evaluator(entry: dict[str, Any]) -> Evaluator:
    """Make an evaluator from its keys in a scenario file.

    Raises:
        UsageError: there is no such type.
        pydantic.ValidationError: its keys are wrong.
    """
    return cast(Evaluator, evaluator_class(entry).model_validate(entry))


def evaluator_class(entry: dict[str, Any]) -> type[BaseEvaluator]:
    """The class that an entry's `type` names: one of ours, else one that an installed package offers.

    Raises:
        UsageError: there is no such type, or the package that offers it cannot be used.
    """
    kind = entry.get("type")
    found = REGISTRY.get(kind) if isinstance(kind, str) else None
    if found is None and isinstance(kind, str):
        found = load_foreign(kind)
    if found is None:
        known = sorted({*REGISTRY, *foreign_types()})
        close = difflib.get_close_matches(kind, known, 1) if isinstance(kind, str) else []
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(f"unknown evaluator {shown(kind)}", hint=f"{hint}known: {', '.join(known)}")
    return found
