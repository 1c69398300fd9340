"""What every evaluator is made of."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from practicum.api.evaluator import Evidence, Finding, Kind
from practicum.scenarios.evaluators.patterns import Expression

__all__ = ["REGISTRY", "BaseEvaluator", "Expression", "Keys"]

REGISTRY: dict[str, type[BaseEvaluator]] = {}
"""Type, as written in a scenario, to class."""


def _spellings(name: str) -> AliasChoices:
    """`case_sensitive`, and as JavaScript's dialect of the format writes it: `caseSensitive`."""
    return AliasChoices(name, to_camel(name))


class Keys(BaseModel):
    """Keys of a scenario file, in either spelling. Unknown ones are refused."""

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, alias_generator=AliasGenerator(validation_alias=_spellings)
    )


class BaseEvaluator(Keys):
    """An evaluator's keys in the scenario file.

    A subclass names its type, and registers itself by being defined: `class Polite(BaseEvaluator, type="polite",
    kind="text")`. Its docstring says when it passes, its fields are the keys.

    Raises:
        TypeError: another class has that type already.
    """

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
            known = REGISTRY.get(type)
            if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"{cls.__module__}: the evaluator {type!r} exists already, in {known.__module__}")
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
