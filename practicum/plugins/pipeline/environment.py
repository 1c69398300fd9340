"""Virtual environments by uv, outside of the sandbox: it installs wheels only, and executes nothing of them."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.cache import entry
from practicum.plugins.pipeline.room import PATH_FILE
from practicum.plugins.pipeline.tools import program
from practicum.plugins.pipeline.trusted import Outcome, environment, run_trusted

_PINS = "pins.txt"
_PATH_FILE = "practicum_plugin.pth"


@dataclass(frozen=True, slots=True)
class Dependencies:
    """An environment that holds a plugin's dependencies and nothing else; kept between iterations."""

    venv: Path
    pins: tuple[str, ...]
    """`name==version`, of all that was installed."""


class DependencyError(Exception):
    """Dependencies cannot be installed; the text says why, in the installer's words."""


class Environments:
    """Makes them. `download` says whether a wheel that is in no cache may be fetched from the user's index."""

    def __init__(self, cache: Path, *, download: bool = True, timeout_s: float = 120.0) -> None:
        self._cache, self._download, self._timeout_s = cache, download, timeout_s

    async def dependencies(self, requirements: Sequence[str]) -> Dependencies:
        """An environment with these requirements, from the caches where they have them.

        Raises:
            DependencyError: they cannot be had, or not as wheels.
            InfrastructureError: uv cannot be started, or took too long.
        """
        key = hashlib.sha256("\n".join([sys.version, PATH_FILE, *sorted(requirements)]).encode()).hexdigest()[:16]
        folder = self._cache / f"dependencies-{key}"
        if not folder.is_dir():
            self._cache.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".making-", dir=self._cache))
            try:
                await self._make(draft, requirements)
                entry(self._cache, folder.name, lambda target: _move(draft, target))
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        entry(self._cache, folder.name, lambda _: None)
        pins = (folder / _PINS).read_text().split()
        return Dependencies(folder / "venv", tuple(pins))

    async def installed(self, wheel: Path, dependencies: Dependencies, target: Path) -> Path:
        """A fresh environment at `target` with the wheel and its dependencies; nothing is resolved or fetched anew.

        Raises:
            DependencyError: the wheel cannot be installed.
            InfrastructureError: uv cannot be started, or took too long.
        """
        await self._venv(target)
        options = ["--offline", "--no-deps", *(() if dependencies.pins else ("--no-cache",))]
        done = await self._uv("pip", "install", *options, "--python", str(target), str(wheel), *dependencies.pins)
        if done.exit_code != 0:
            raise DependencyError(done.output.strip())
        return target

    async def _make(self, folder: Path, requirements: Sequence[str]) -> None:
        folder.chmod(0o755)
        venv = folder / "venv"
        await self._venv(venv)
        pins = ""
        if requirements:
            install = ["pip", "install", "--python", str(venv), *requirements]
            done = await self._uv(*install, "--offline")
            if done.exit_code != 0 and self._download:
                done = await self._uv(*install)
            if done.exit_code != 0:
                raise DependencyError(done.output.strip())
            pins = (await self._uv("pip", "freeze", "--python", str(venv))).output
        (folder / _PINS).write_text("\n".join(line for line in pins.split() if "==" in line))

    async def _venv(self, target: Path) -> None:
        done = await self._uv("venv", "--offline", "--no-project", "--python", sys.executable, str(target))
        if done.exit_code != 0:
            raise InfrastructureError(f"cannot make an environment: {done.output.strip()}")
        [site] = target.glob("lib/python*/site-packages")
        (site / _PATH_FILE).write_text(PATH_FILE)
        (site / _PATH_FILE).chmod(0o644)

    async def _uv(self, *words: str) -> Outcome:
        """Quietly, wheels only, away from any project."""
        options = ["--quiet", "--no-progress", "--color", "never"]
        if words[:2] == ("pip", "install"):
            options += ["--only-binary", ":all:"]
        self._cache.mkdir(parents=True, exist_ok=True)
        argv = [program("uv"), *words, *options]
        return await run_trusted(argv, cwd=self._cache, env=environment(), timeout_s=self._timeout_s)


def _move(draft: Path, target: Path) -> None:
    for item in draft.iterdir():
        item.rename(target / item.name)
