"""The programs that the pipeline needs: they come with the extra `plugins` and lie beside our interpreter."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from practicum.errors import MissingExtraError

EXTRA = "plugins"

DISTRIBUTIONS = ("coverage", "hatchling", "hexora", "mypy", "packaging", "pytest", "pytest-asyncio", "ruff", "uv")
"""What the extra brings. `uv` and `ruff` are programs; the others are imported in the sandbox."""

_PROGRAMS = ("ruff", "uv")


@cache
def versions() -> dict[str, str]:
    """Each of the pipeline's distributions and its version.

    Raises:
        MissingExtraError: one is not installed; the hint is the line that installs it.
    """
    found: dict[str, str] = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError as error:
            raise MissingExtraError(f"checking plugins ({name})", EXTRA) from error
    for name in _PROGRAMS:
        program(name)
    return found


def program(name: str) -> str:
    """The full path of a program that stands beside our interpreter; never one from PATH.

    Raises:
        MissingExtraError: it is not there.
    """
    path = Path(sys.executable).parent / name
    if not path.is_file():
        raise MissingExtraError(f"checking plugins ({name})", EXTRA)
    return str(path)
