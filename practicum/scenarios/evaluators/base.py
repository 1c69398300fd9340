"""What every evaluator is made of."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from practicum.api.evaluator import Evidence, Finding, Kind

REGISTRY: dict[str, type[BaseEvaluator]] = {}
"""Type, as written in a scenario, to class."""


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


Expression = Annotated[str, AfterValidator(_expression)]
"""A regular expression of `re`, refused when the scenario is read and not only when it is used."""


class BaseEvaluator(BaseModel):
    """An evaluator's keys in the scenario file. Unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    type: str
    name: str = ""
    """What the report calls it; its type when left out."""
    description: str = ""
    """For people."""
    weight: float = Field(default=1.0, gt=0, le=1000)
    """In a `weighted` judgment."""

    evaluator_type: ClassVar[str]
    evaluator_kind: ClassVar[Kind]

    def __init_subclass__(cls, *, type: str = "", kind: Kind = "effect") -> None:
        super().__init_subclass__()
        if type:
            cls.evaluator_type, cls.evaluator_kind = type, kind
            REGISTRY[type] = cls

    @property
    def kind(self) -> Kind:
        return self.evaluator_kind

    @property
    def needs_judge(self) -> bool:
        """Whether it has to ask a model."""
        return False

    def echoed_by(self, words: str) -> bool:
        """A text check: whether these words, were they an agent's, would satisfy it."""
        return False

    async def evaluate(self, evidence: Evidence) -> Finding:
        """Look, and say what was seen."""
        raise TypeError(f"{type(self).__name__} does not say how it evaluates")
