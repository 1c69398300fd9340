"""Evaluators that other packages bring along, by the entry point `practicum.evaluators`."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from practicum.errors import UsageError
from practicum.scenarios.evaluators.base import REGISTRY, BaseEvaluator

GROUP = "practicum.evaluators"


def foreign_types() -> list[str]:
    """The types that installed packages offer, without loading one."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_foreign(type_: str) -> type[BaseEvaluator] | None:
    """The class that an installed package offers for a type; None where none does. Only that package is imported.

    Raises:
        UsageError: it cannot be imported, or is no evaluator of that type.
    """
    found = list(entry_points(group=GROUP, name=type_))
    return _load(found[0], type_) if found else None


def _load(point: EntryPoint, type_: str) -> type[BaseEvaluator]:
    package = point.dist.name if point.dist is not None else point.value
    try:
        made = point.load()
    except Exception as error:  # the edge of somebody else's package: what it stumbles over is said, with its name
        said = f"{type(error).__name__}: {error}"
        raise UsageError(f"the evaluator {type_!r} of {package} cannot be imported: {said}") from error
    if not (isinstance(made, type) and issubclass(made, BaseEvaluator)) or REGISTRY.get(type_) is not made:
        raise UsageError(
            f"the entry point {type_!r} of {package} is no evaluator of that type",
            hint=f'it has to name a class that is defined with (BaseEvaluator, type="{type_}")',
        )
    return made
