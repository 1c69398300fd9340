"""What the parts of a scenario file are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from practicum.bus.address import check_token
from practicum.errors import UsageError
from practicum.scenarios.units import dollars, milliseconds, seconds

Seconds = Annotated[float, BeforeValidator(seconds)]
"""`90`, `90s`, `10m`; seconds."""

Milliseconds = Annotated[float, BeforeValidator(milliseconds)]
"""A bare number is milliseconds, `10s` says its unit; seconds once read."""

Dollars = Annotated[float, BeforeValidator(dollars)]


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is text: put it in quotes")  # noqa: TRY004 - pydantic takes a ValueError only
    try:
        return check_token(value, "name")
    except UsageError as error:
        raise ValueError("not a name: use letters, digits, '-' and '_', at most 64") from error


Name = Annotated[str, BeforeValidator(_name)]
"""One word that can stand in a subject of the bus."""


class Part(BaseModel):
    """A mapping of a scenario file. The loader turns unknown keys into notes, with the nearest known one."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def wrong(keys: tuple[str | int, ...], message: str) -> PydanticCustomError:
    """An error of a check across keys; `keys` is the place that the loader names."""
    return PydanticCustomError("scenario", "{message}", {"message": message, "keys": keys})


def text_of(value: str, folder: Path) -> str:
    """The text that a value of `files` or `virtual_fs` stands for.

    Raises:
        UsageError: it names a file that is not there, is no text, or lies outside the scenario's folder.
    """
    if not value.startswith("./"):
        return value
    path = path_beside(value, folder)
    try:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # a name with a NUL or too long, a link to itself, no UTF-8
        raise UsageError(f"{value!r} cannot be read: {error}") from error


def path_beside(value: str, folder: Path) -> Path:
    """A path below the scenario's folder.

    Raises:
        UsageError: it leads outside.
    """
    try:
        path = (folder / value).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{value!r} cannot be read: {error}") from error
    if folder.resolve() not in path.parents:
        raise UsageError(f"{value} lies outside the scenario's folder")
    return path
