"""`strategy.matrix`: every combination of its axes, with `exclude` and `include`."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from practicum.bus.events import Json
from practicum.world.actions.expression import to_text
from practicum.world.actions.located import Located

MAX_COMBINATIONS = 256
"""GitHub's own limit for one job."""


@dataclass(frozen=True, slots=True)
class Combination:
    """One combination of a matrix, axis to value."""

    values: Mapping[str, Json]

    @property
    def label(self) -> str:
        """What GitHub puts behind a job's name: `(3.11, linux)`; empty without a matrix."""
        return f"({', '.join(to_text(value) for value in self.values.values())})" if self.values else ""


def expand(matrix: Located) -> tuple[Combination, ...]:
    """Every combination, in GitHub's order.

    `include` follows GitHub's rule: an entry is merged into each combination whose original values it does not
    overwrite, and becomes a combination of its own when there is none.
    Source: GitHub Docs, "Running variations of jobs in a workflow".

    Raises:
        InvalidFileError: not a mapping of lists, computed by an expression, empty, or too large.
    """
    if isinstance(matrix.value, str):
        raise matrix.fail("a computed matrix is not supported", hint="write its values out")
    axes: dict[str, list[Json]] = {}
    size = 1
    for name, item in matrix.mapping().items():
        if name in ("include", "exclude"):
            continue
        axes[name] = [_literal(value) for value in item.items()]
        size *= len(axes[name])
        if size > MAX_COMBINATIONS:
            raise matrix.fail(f"makes more than {MAX_COMBINATIONS} jobs")
    rows: list[dict[str, Json]] = [dict(zip(axes, row, strict=True)) for row in itertools.product(*axes.values())]
    if not axes:
        rows = []
    excluded = _entries(matrix, "exclude")
    rows = [row for row in rows if not any(entry.items() <= row.items() for entry in excluded)]
    originals = [dict(row) for row in rows]
    for entry in _entries(matrix, "include"):
        fitting = [
            n
            for n, original in enumerate(originals)
            if all(name not in axes or original.get(name) == value for name, value in entry.items())
        ]
        if axes and fitting:
            for n in fitting:
                rows[n].update(entry)
        else:
            rows.append(dict(entry))
    if not rows:
        raise matrix.fail("has no combination")
    if len(rows) > MAX_COMBINATIONS:
        raise matrix.fail(f"makes more than {MAX_COMBINATIONS} jobs")
    return tuple(Combination(row) for row in rows)


def _entries(matrix: Located, key: str) -> list[dict[str, Json]]:
    item = matrix.mapping().get(key)
    if item is None:
        return []
    return [{name: _literal(value) for name, value in entry.mapping().items()} for entry in item.items()]


def _literal(item: Located) -> Json:
    value = item.plain()
    if isinstance(value, dict | list):
        raise item.fail("matrix values must be single values")
    if isinstance(value, str) and "${{" in value:
        raise item.fail("a computed matrix value is not supported", hint="write its values out")
    return value
