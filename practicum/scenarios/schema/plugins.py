"""The plugins that a scenario wants its agents to have."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from practicum.scenarios.schema.parts import Part

_VERSION = (
    r"^$|^latest$|^\*$|^workspace:[\^~*0-9.]+$|"
    r"^([\^~]|[<>]=?|=)?\s*v?\d+(\.(\d+|x|\*)){0,2}([-+][0-9A-Za-z.-]+)?$"
)
"""A version or a range, as npm and pip users write one."""


class Plugin(Part):
    """A plugin by name; its version and configuration reach the agents."""

    name: str = Field(pattern=r"^(@[A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)
    version: str = Field(default="", pattern=_VERSION)
    config: dict[str, Any] = {}
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _a_word_is_its_name(cls, value: Any) -> Any:
        """`name` or `name@version`."""
        if not isinstance(value, str):
            return value
        name, at, version = value.rpartition("@")
        return {"name": name, "version": version} if at and name else {"name": value}
