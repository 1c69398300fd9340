"""Showing the interpreter that runs us, and its libraries, inside a sandbox."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from practicum.errors import SandboxError
from practicum.sandbox.cache import cache_directory, write_whole

MOVED = "/opt/practicum"
"""Where things go whose own place inside is taken, as when a checkout under /work meets a workspace at /work."""

_LARGEST_SCRIPT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What to mount, to link and to put on the paths."""

    binds: tuple[tuple[str, str], ...]
    """Host path, path inside."""
    links: tuple[tuple[str, str], ...]
    path: tuple[str, ...]
    """Directories of programs, first first."""
    python_path: str
    """A directory to add to PYTHONPATH; empty where the interpreter finds everything by itself."""
    moved: tuple[tuple[str, str], ...]
    """Host paths that are called something else inside."""

    def inside(self, word: str) -> str:
        """A word of a command line, with a host path of ours turned into what it is called inside."""
        for host, place in self.moved:
            if word == host or word.startswith(host + "/"):
                return place + word[len(host) :]
        return word


LIBRARY = "_library"
"""Scenarios that an installed package brings along, with their teams' scripts: no agent may read the solution there."""


def interpreter(visible: Callable[[str], bool], taken: Callable[[str], bool]) -> Interpreter:
    """Work out how to show `sys.base_prefix`, `sys.prefix` and this package.

    `visible` tells whether a host path is there anyhow; `taken` whether something else will stand at that path.

    Raises:
        SandboxError: the installation below a virtual environment cannot be where that expects it.
    """
    package = str(Path(__file__).resolve().parent.parent)
    binds: list[tuple[str, str]] = []
    moved: list[tuple[str, str]] = []
    path = [f"{sys.prefix}/bin"]
    python_path = ""

    def shown(place: str) -> bool:
        return visible(place) or any(_below(place, target) for _, target in binds)

    def show(host: str, otherwise: str) -> str:
        if taken(host):
            binds.append((host, otherwise))
            moved.append((host, otherwise))
            return otherwise
        if not shown(host):
            binds.append((host, host))
        return host

    if sys.prefix != sys.base_prefix and taken(sys.base_prefix):
        raise SandboxError(
            f"a mount hides the Python installation at {sys.base_prefix}",
            hint="mount it elsewhere, or set python=False",
        )
    show(sys.base_prefix, f"{MOVED}/python")
    if sys.prefix != sys.base_prefix:
        prefix = show(sys.prefix, f"{MOVED}/venv")
        if prefix != sys.prefix:
            binds.append((_scripts(f"{prefix}/bin/python"), f"{MOVED}/bin"))
            path = [f"{MOVED}/bin", f"{prefix}/bin"]
    if not any(_below(package, host) for host, _ in moved) and show(package, f"{MOVED}/lib/practicum") != package:
        python_path = f"{MOVED}/lib"
    if (Path(package) / LIBRARY).is_dir():
        inside = next((f"{to}{package[len(host) :]}" for host, to in moved if _below(package, host)), package)
        binds.append((_nothing(), f"{inside}/{LIBRARY}"))
    return Interpreter(tuple(binds), tuple(_hops(shown)), tuple(path), python_path, tuple(moved))


@cache
def _nothing() -> str:
    """An empty directory of the host, to stand where something must not be seen."""
    directory = cache_directory() / "nothing"
    directory.mkdir(exist_ok=True, mode=0o555)
    return str(directory)


def _below(place: str, above: str) -> bool:
    return place == above or place.startswith(above.rstrip("/") + "/")


def _hops(shown: Callable[[str], bool]) -> Sequence[tuple[str, str]]:
    """A virtual environment's `python` may lead to the installation by way of links that stand in neither."""
    links: list[tuple[str, str]] = []
    step = Path(sys.executable)
    while step.is_symlink():
        target = os.readlink(step)
        if not shown(str(step)) and not _below(str(step), sys.prefix):
            links.append((str(step), target))
        step = step.parent / target
    return links


@cache
def _scripts(python: str) -> str:
    """The environment's scripts, each beginning with the path that its interpreter has inside; a host directory."""
    ours = Path(sys.prefix) / "bin"
    key = hashlib.sha256(f"{ours}\0{python}\0{ours.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    directory = cache_directory() / f"scripts-{key}"
    directory.mkdir(exist_ok=True, mode=0o755)
    own = f"#!{ours}/python".encode()
    for script in ours.iterdir():
        if script.is_symlink() or script.stat().st_size > _LARGEST_SCRIPT:
            continue
        first, _, rest = script.read_bytes().partition(b"\n")
        if first.startswith(own) and not (directory / script.name).exists():
            write_whole(directory / script.name, f"#!{python}\n".encode() + rest, 0o755)
    return str(directory)
