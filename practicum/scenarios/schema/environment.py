"""Where code steps and commands run, and what is there before the first step."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from practicum.scenarios.schema.mocks import Mock
from practicum.scenarios.schema.parts import Part, Seconds, wrong
from practicum.scenarios.units import size

LEAST_MEMORY = 16 * 1024 * 1024

ENVIRONMENTS = ("local", "sandbox", "docker", "e2b", "bubblewrap", "namespaces")
"""Those that come along; packages may bring others."""


class Environment(Part):
    """Where code steps and commands run; never silently replaced by another."""

    type: str = "local"
    """`local` (a private folder of this machine, no isolation), `sandbox` (the strongest tier that is here), `docker`,
    `e2b`, or the name of a provider that is installed (entry point `practicum.sandboxes`)."""
    image: str = ""
    """Docker: the image. E2B: the template."""
    memory: str = "512M"
    """Of one execution: a number of bytes, or with `K`, `M` or `G`."""
    timeout: Seconds = 60.0
    """Of one execution."""
    env: dict[str, str] = {}
    """Environment variables of code steps and commands: no secrets, they stand in the file."""

    @field_validator("memory", mode="before")
    @classmethod
    def _memory_is_an_amount(cls, value: Any) -> str:
        if size(value) < LEAST_MEMORY:
            raise ValueError("an interpreter needs at least 16M")
        return str(value)

    @property
    def memory_bytes(self) -> int:
        """`memory` as a number."""
        return size(self.memory)

    @model_validator(mode="before")
    @classmethod
    def _a_word_is_its_type(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value


class DatabaseSeed(Part):
    """What a database of the environment holds before the first step."""

    name: str = Field(default="data.db", pattern=r"^[A-Za-z0-9_.-]{1,100}$")
    """SQLite: the file in the workspace."""
    url: str = ""
    """`postgresql://...` of a database of your own; `${NAME}` is filled in from the vault, and never printed."""
    tables: dict[str, list[dict[str, Any]]] = {}
    """Table to records; a table that does not exist is made with the columns of its records."""
    sql: str = ""
    """Statements, or `./file.sql` beside the scenario; they run before `tables` are filled."""


class Setup(Part):
    """What is there before the first step."""

    virtual_fs: dict[str, str] | str = {}
    """Files of the workspace: path to text, or to a file beside the scenario (`./...`); or a folder beside it."""
    mocks: tuple[Mock, ...] = ()
    """Answers of services, in place of the services."""
    db_seed: DatabaseSeed | None = None

    @field_validator("virtual_fs", mode="before")
    @classmethod
    def _files_are_texts(cls, value: Any) -> Any:
        if not isinstance(value, dict | str):
            raise ValueError("a mapping from path to text is expected, or a folder")  # noqa: TRY004 - pydantic takes a ValueError only
        for name, text in value.items() if isinstance(value, dict) else ():
            if not isinstance(text, str):
                raise wrong((name,), "a file is text: put it in quotes, or below a |")
        return value

    @model_validator(mode="before")
    @classmethod
    def _seeds(cls, value: Any) -> Any:
        """`db_seed` may be the tables alone, or the name of an SQL file."""
        if not isinstance(value, dict):
            return value
        seed = value.get("db_seed")
        if isinstance(seed, str):
            return {**value, "db_seed": {"sql": seed}}
        known = set(DatabaseSeed.model_fields)
        if (
            isinstance(seed, dict)
            and seed
            and not known & set(seed)
            and all(isinstance(v, list) for v in seed.values())
        ):
            return {**value, "db_seed": {"tables": seed}}
        return value
