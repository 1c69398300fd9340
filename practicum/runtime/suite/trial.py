"""What a suite is made of: one trial is one run of one scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practicum.bus.events import Json
from practicum.runtime.plan import Options

if TYPE_CHECKING:  # files need no matrix, and a command over a hundred of them no module that it does not use
    from practicum.scenarios.matrix import Combination, Matrix


@dataclass(eq=False)
class Trial:
    """One run that is to be made."""

    key: str
    """Names it within its suite."""
    scenario: str
    """The scenario's name."""
    path: Path
    """The scenario's file."""
    trial: int = 1
    """From 1."""
    parameters: dict[str, Json] = field(default_factory=dict)
    value: dict[str, Any] | None = field(default=None, repr=False)
    """What the scenario says, where it is not what its file says."""
    options: Options = field(default_factory=Options)
    run: str = ""
    """Id of its run. Whoever executes it fills it in as soon as it is known, so that one that breaks is found too."""


def trials_of_matrix(
    matrix: Matrix, options: Options, combinations: Sequence[Combination] | None = None, trials: int | None = None
) -> list[Trial]:
    """Every run of a matrix, the first trial of each combination before the second of any.

    So what is there after an early stop has as many trials of one combination as of another, nearly.
    """
    chosen = matrix.combinations if combinations is None else combinations
    return [
        Trial(
            key=f"{item.index}.{number}",
            scenario=matrix.scenario,
            path=matrix.base,
            trial=number,
            parameters=item.parameters,
            value=item.value,
            options=options,
        )
        for number in range(1, (trials or matrix.runs_per_combination) + 1)
        for item in chosen
    ]


def trials_of_files(files: Sequence[tuple[str, Path]], options: Options, trials: int = 1) -> list[Trial]:
    """Every run of several scenarios, given by name and file; the first trial of each before the second of any."""
    return [
        Trial(key=f"{place}.{number}", scenario=name, path=path, trial=number, options=options)
        for number in range(1, trials + 1)
        for place, (name, path) in enumerate(files, 1)
    ]
