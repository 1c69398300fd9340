"""What a matrix file may say."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from practicum.bus.events import Json
from practicum.scenarios.schema.parts import Part
from practicum.scenarios.schema.scenario import Title

AblationWord = Literal["solo", "no-plan", "no-verify", "full"]
"""What is left of a team; see `practicum.scenarios.matrix.ablation`."""


def _finite(value: Json) -> Json:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise ValueError("a number without end cannot be a value") from error
    return value


Value = Annotated[Json, AfterValidator(_finite)]


class Axis(Part):
    """One thing that varies."""

    parameter: str = Field(min_length=1, max_length=500)
    """Where in the scenario: `run[0].input`, `character.model`, `setup.mocks[1].response`; or `team` with the words of
    `ablation`."""
    values: tuple[Value, ...] = Field(min_length=1)
    """What stands there, one run after the other."""


class MatrixFile(Part):
    """A matrix file: one scenario in every combination of some values."""

    name: Title
    description: str = ""
    base_scenario: str = Field(min_length=1)
    """The scenario's file, from the folder of this one; `.scenario.yaml` or `.yaml` may be left out."""
    runs_per_combination: int = Field(default=1, ge=1, le=10_000)
    """How many trials of each."""
    matrix: tuple[Axis, ...] = ()
    """The axes, in order: the last one changes fastest. Also as a mapping from parameter to values."""
    ablation: tuple[AblationWord, ...] = ()
    """An axis over parts of the team, after the others."""

    @field_validator("matrix", mode="before")
    @classmethod
    def _mapping_is_a_list(cls, value: Any) -> Any:
        return axes_of(value)


def axes_of(value: Any) -> Any:
    """The list form of `matrix`; anything but a mapping stays as it is."""
    if not isinstance(value, dict):
        return value
    return [{"parameter": name, "values": values} for name, values in value.items()]


def matrix_schema() -> dict[str, Any]:
    """The JSON Schema of a matrix file, for editors."""
    from practicum.scenarios.json_schema import published

    found = published(MatrixFile, written=True)
    mapping = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "array", "minItems": 1}}
    listed = found["properties"]["matrix"]
    words = {"description": listed.pop("description", "")}
    found["properties"]["matrix"] = {"title": "Matrix", **words, "anyOf": [listed, mapping]}
    return found
