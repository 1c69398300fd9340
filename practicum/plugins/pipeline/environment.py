"""Virtual environments by uv, outside of the sandbox: it installs wheels only, and executes nothing of them."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from practicum.api.sandbox import Mount
from practicum.errors import InfrastructureError
from practicum.plugins.pipeline.cache import entry
from practicum.plugins.pipeline.libraries import closure, copy
from practicum.plugins.pipeline.room import DEPENDENCIES, PATH_FILE, VENV
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

    def mount(self) -> Mount:
        """Where installed plugins find them."""
        return Mount(site_of(self.venv), DEPENDENCIES)


@dataclass(frozen=True, slots=True)
class Installed:
    """A fresh environment with a plugin's wheel in it, and the dependencies beside it."""

    venv: Path
    dependencies: Dependencies

    def mounts(self) -> tuple[Mount, ...]:
        """What a sandbox needs to see of it."""
        return Mount(self.venv, VENV), self.dependencies.mount()

    @property
    def site(self) -> str:
        """Inside, the folder into which the wheel was installed."""
        return f"{VENV}/{site_of(self.venv).relative_to(self.venv)}"


class DependencyError(Exception):
    """Dependencies cannot be installed; the text says why, in the installer's words."""


class Environments:
    """Makes them. `download` says whether a wheel that is in no cache may be fetched from the user's index."""

    def __init__(self, cache: Path, *, download: bool = True, timeout_s: float = 120.0) -> None:
        self._cache, self._download, self._timeout_s = cache, download, timeout_s

    async def dependencies(self, requirements: Sequence[str]) -> Dependencies:
        """An environment with these requirements, from the caches where they have them.

        What the interpreter that runs us fulfils is copied from there: a plugin in use finds the same.

        Raises:
            DependencyError: they cannot be had, or not as wheels.
            InfrastructureError: uv cannot be started, or took too long.
        """
        ours, rest = _divided(requirements)
        parts = [sys.version, PATH_FILE, *ours, *sorted(rest)]
        folder = self._cache / f"dependencies-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"
        if not folder.is_dir():
            self._cache.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".making-", dir=self._cache))
            try:
                await self._make(draft, [name for name, _, _ in (one.partition("==") for one in ours)], rest)
                entry(self._cache, folder.name, lambda target: _move(draft, target))
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        entry(self._cache, folder.name, lambda _: None)
        return Dependencies(folder / "venv", tuple((folder / _PINS).read_text().split()))

    async def install(self, wheel: Path, dependencies: Dependencies, target: Path) -> Installed:
        """A fresh environment at `target` with the wheel and nothing else; nothing is fetched.

        Raises:
            DependencyError: the wheel cannot be installed.
            InfrastructureError: uv cannot be started, or took too long.
        """
        await self._venv(target)
        done = await self._pip_install("--offline", "--no-deps", "--no-cache", "--python", str(target), str(wheel))
        if done.exit_code != 0:
            raise DependencyError(done.output.strip())
        return Installed(target, dependencies)

    async def _make(self, folder: Path, ours: Sequence[str], rest: Sequence[str]) -> None:
        folder.chmod(0o755)
        venv = folder / "venv"
        await self._venv(venv)
        for name in closure(ours) if ours else ():
            copy(name, site_of(venv))
        if rest:
            done = await self._pip_install("--offline", "--python", str(venv), *rest)
            if done.exit_code != 0 and self._download:
                done = await self._pip_install("--python", str(venv), *rest)
            if done.exit_code != 0:
                raise DependencyError(done.output.strip())
        pins = (await self._uv("pip", "freeze", "--python", str(venv))).output if ours or rest else ""
        (folder / _PINS).write_text("\n".join(line for line in pins.split() if "==" in line))

    async def _venv(self, target: Path) -> None:
        done = await self._uv("venv", "--offline", "--no-project", "--python", sys.executable, str(target))
        if done.exit_code != 0:
            raise InfrastructureError(f"cannot make an environment: {done.output.strip()}")
        path_file = site_of(target) / _PATH_FILE
        path_file.write_text(PATH_FILE)
        path_file.chmod(0o644)

    async def _pip_install(self, *words: str) -> Outcome:
        return await self._uv("pip", "install", "--only-binary", ":all:", *words)

    async def _uv(self, *words: str) -> Outcome:
        """Quietly, and away from any project, whose settings would count."""
        argv = [program("uv"), *words, "--quiet", "--no-progress", "--color", "never"]
        self._cache.mkdir(parents=True, exist_ok=True)
        return await run_trusted(argv, cwd=self._cache, env=environment(), timeout_s=self._timeout_s)


def site_of(venv: Path) -> Path:
    """Where an environment keeps its packages."""
    [site] = venv.glob("lib/python*/site-packages")
    return site


def _divided(requirements: Sequence[str]) -> tuple[list[str], list[str]]:
    """What our own interpreter fulfils, as `name==version`, and the rest."""
    from packaging.requirements import InvalidRequirement, Requirement

    ours, rest = [], []
    for text in requirements:
        try:
            wanted = Requirement(text)
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            have = version(wanted.name)
            fulfilled = not wanted.extras and wanted.specifier.contains(have, prereleases=True)
        except PackageNotFoundError:
            fulfilled = False
        except InvalidRequirement as error:
            raise DependencyError(f"{text!r} is not a requirement: {error}") from error
        if fulfilled:
            ours.append(f"{wanted.name}=={have}")
        else:
            rest.append(text)
    return sorted(ours), rest


def _move(draft: Path, target: Path) -> None:
    for item in draft.iterdir():
        item.rename(target / item.name)
