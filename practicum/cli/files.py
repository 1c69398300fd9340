"""Which scenario files a command line means: files, folders, globs, names of those that come along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from practicum.errors import UsageError
from practicum.runtime.plan import find_scenario

_PATTERNS = ("**/*.scenario.yaml", "**/*.scenario.yml", "**/scenario.yaml")

_MATRICES = ("**/*.matrix.yaml", "**/*.matrix.yml")


def scenario_files(names: Sequence[str]) -> list[Path]:
    """Every file that is meant, each once, in the order given; those of a folder or glob sorted.

    A folder with a `scenario.yaml` is that scenario; another is every scenario below it.

    Raises:
        UsageError: a name fits nothing.
    """
    found: dict[Path, None] = {}
    for name in names:
        for path in _expand(name):
            found.setdefault(path)
    return list(found)


def files_with_matrices(name: str) -> list[str]:
    """What one name means to a verb that takes matrices as well: a folder is every scenario and matrix below it.

    Raises:
        UsageError: a pattern or a folder fits nothing.
    """
    path = Path(name)
    if not path.is_dir() or (path / "scenario.yaml").is_file():
        return [str(hit) for hit in _expand(name)] if any(letter in name for letter in "*?[") else [name]
    matrices = _below(path, _MATRICES)
    try:
        return [str(hit) for hit in (*_expand(name), *matrices)]
    except UsageError:
        if not matrices:
            raise
        return [str(hit) for hit in matrices]


def _expand(name: str) -> list[Path]:
    path = Path(name)
    if any(letter in name for letter in "*?[") and not path.exists():
        top = Path("/") if path.is_absolute() else Path()
        hits = sorted(hit for hit in top.glob(name.removeprefix("/")) if hit.is_file())
        if not hits:
            raise UsageError(f"{name}: no file fits", hint="quote a pattern that the shell must not expand itself")
        return hits
    if path.is_dir() and not (path / "scenario.yaml").is_file():
        below = _below(path, _PATTERNS)
        if not below:
            raise UsageError(
                f"{name}: no scenario is below it", hint="they are called *.scenario.yaml or scenario.yaml"
            )
        return below
    return [find_scenario(name)]


def _below(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Files that fit one of these, sorted; no folders or pipes of such a name, and none that a run has kept."""
    every = {hit for pattern in patterns for hit in folder.glob(pattern)}
    return sorted(hit for hit in every if ".practicum" not in hit.parts and hit.is_file())
