"""What every event's data has in common, and the registry from type to class."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue

Json = JsonValue

DATA_TYPES: dict[str, type[Data]] = {}
"""Event type, such as `tool.called`, to its data class. Filled as the classes are defined."""


class Data(BaseModel):
    """The part of an event that its type decides. Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: ClassVar[str]
    """`noun.past_participle`, two tokens."""

    def __init_subclass__(cls, *, type: str = "") -> None:
        super().__init_subclass__()
        if type:
            cls.event_type = type
            DATA_TYPES[type] = cls
