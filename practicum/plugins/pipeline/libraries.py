"""Libraries that plugins and their tests always find, copied once from our own environment: no index is asked."""

from __future__ import annotations

import compileall
import hashlib
import py_compile
import re
import shutil
from collections.abc import Sequence
from functools import cache as remembered
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from practicum.errors import MissingExtraError
from practicum.plugins.pipeline.cache import entry
from practicum.plugins.pipeline.tools import EXTRA

RUNTIME = ("pydantic",)
"""What `practicum.api` needs, with all that it needs itself."""

TESTING = ("pytest", "pytest-asyncio", "coverage", "cronsim")
"""What the tests of a plugin are run with."""

_REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")


def closure(names: Sequence[str]) -> list[str]:
    """These distributions and all that they need here, sorted; those for other systems are not installed, so not named.

    Raises:
        MissingExtraError: one of `names` is not installed.
    """
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = _plain(waiting.pop())
        if name in found:
            continue
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError as error:
            if name in names:
                raise MissingExtraError(f"checking plugins ({name})", EXTRA) from error
            continue
        found[name] = None
        for line in requires:
            match = _REQUIREMENT.match(line)
            if match is not None and "extra ==" not in line:
                waiting.append(match.group())
    return sorted(found)


def library(cache: Path, names: tuple[str, ...]) -> Path:
    """A directory to put on the path: these distributions and all that they need, compiled. Blocks for seconds once."""
    wanted = _versions(names)
    key = hashlib.sha256(repr(wanted).encode()).hexdigest()[:16]

    def make(target: Path) -> None:
        for name, _ in wanted:
            copy(name, target)
        compileall.compile_dir(
            str(target), quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, force=True
        )

    return entry(cache, f"library-{key}", make)


@remembered
def _versions(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, distribution(name).version) for name in closure(names))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def copy(name: str, target: Path) -> None:
    """Copy the files of one of our distributions into `target`. Blocks."""
    installed = distribution(name)
    for file in installed.files or ():
        path = PurePosixPath(file)
        if ".." in path.parts or path.is_absolute() or path.suffix in (".pyc", ".pth"):
            continue
        source = Path(str(installed.locate_file(file)))
        if source.is_file():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / path)
