"""Installed plugins on disk: versions side by side, one of them the current one.

    plugins/{name}/{version}/   manifest.json, the wheel, site/ (what it unpacks to, and its dependencies)
    plugins/{name}/current      versions, one a line: the current one last, those that it replaced above
    plugins/{name}/data/        the plugin's own files

Every change is one rename: whoever dies half-way leaves what was there before, and a folder `.new-*` that is swept.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue, ValidationError

from practicum.errors import UsageError
from practicum.plugins.store.manifest import Grant, HostKind, Installed, Manifest
from practicum.plugins.store.wheel import read_wheel, unpack

_PLAIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")
_MOST_KEPT = 10
"""Versions in `current` that can be gone back to."""


class Store:
    """The folder `root`, usually `.practicum/plugins`; made when something is installed."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def names(self) -> list[str]:
        """Every plugin that has a current version."""
        if not self.root.is_dir():
            return []
        return sorted(item.name for item in self.root.iterdir() if (item / "current").is_file())

    def all(self) -> list[Installed]:
        """The current version of every plugin."""
        return [self.installed(name) for name in self.names()]

    def current(self, name: str) -> str:
        """Its current version; empty when there is none."""
        return (self._history(name) or [""])[-1]

    def versions(self, name: str) -> list[str]:
        """Every version on disk, in the order of their installation."""
        folder = self._place(name)
        if not folder.is_dir():
            return []
        found = [item for item in folder.iterdir() if (item / "manifest.json").is_file() and item.name[0] != "."]
        return sorted((item.name for item in found), key=lambda version: self._read(name, version).manifest.installed)

    def installed(self, name: str, version: str = "") -> Installed:
        """A version; the current one by default.

        Raises:
            UsageError: it is not installed, or what lies there is damaged.
        """
        wanted = version or self.current(name)
        if not wanted:
            known = ", ".join(self.names())
            raise UsageError(f"no plugin {name!r} is installed", hint=f"installed: {known}" if known else "")
        return self._read(name, wanted)

    async def add(
        self,
        wheel: Path,
        *,
        host: HostKind = "isolated",
        grant: Grant | None = None,
        job: str = "",
        checks: Mapping[str, str] | None = None,
        config: Mapping[str, JsonValue] | None = None,
    ) -> tuple[Installed, bool]:
        """Put a wheel into the store. It is not current yet: see `activate`. Executes nothing of it.

        Adding the same file again gives what is there. Returns it, and whether it is new.

        Raises:
            UsageError: it is no wheel of a plugin, a dependency is not in the cache, or another file of that version
                is installed.
            InfrastructureError: uv is not here; the disk is full.
        """
        facts = await asyncio.to_thread(read_wheel, wheel)
        place = self._place(facts.name) / _plain(facts.version)
        if (place / "manifest.json").is_file():
            there = self._read(facts.name, facts.version)
            if there.manifest.digest == facts.digest:
                return there, False
            raise UsageError(
                f"{facts.name} {facts.version} is installed already, and is another file",
                hint="raise the version, or remove the one that is there",
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        self._sweep(place.parent)
        partial = Path(tempfile.mkdtemp(prefix=f".new-{os.getpid()}-", dir=place.parent))
        try:
            partial.chmod(0o755)
            await asyncio.to_thread(shutil.copyfile, wheel, partial / wheel.name)
            beside = await unpack(partial / wheel.name, facts.requires, partial / "site")
            try:
                manifest = Manifest(
                    name=facts.name,
                    version=facts.version,
                    description=facts.description,
                    digest=facts.digest,
                    wheel=wheel.name,
                    host=host,
                    grant=grant,
                    dependencies=beside,
                    job=job,
                    checks=dict(checks or {}),
                    config=dict(config or {}),
                    installed=datetime.now(UTC),
                )
            except ValidationError as error:
                raise UsageError(f"{wheel.name} cannot be installed: {error.errors()[0]['msg']}") from error
            (partial / "manifest.json").write_text(manifest.model_dump_json(indent=1))
            with self._locked():
                if not place.exists():
                    partial.rename(place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return self._read(facts.name, facts.version), True

    def activate(self, name: str, version: str) -> None:
        """Make a version the current one; the one before can be gone back to.

        Raises:
            UsageError: it is not installed.
        """
        self._read(name, version)
        with self._locked():
            history = [item for item in self._history(name) if item != version]
            self._write(name, [*history, version])

    def before(self, name: str, version: str = "") -> str:
        """The version that was current before the current one (or before `version`) and is still there; else empty."""
        history = self._history(name)
        place = history.index(version) if version in history else len(history) - (not version)
        earlier = history[: max(0, place)]
        return next((item for item in reversed(earlier) if (self._place(name) / item / "manifest.json").is_file()), "")

    def rollback(self, name: str) -> Installed:
        """Go back to the version before; the current one stays on disk.

        Raises:
            UsageError: there is none before.
        """
        with self._locked():
            version = self.before(name)
            if not version:
                raise UsageError(f"{name} has no earlier version to go back to")
            history = self._history(name)
            self._write(name, history[: history.index(version) + 1])
        return self._read(name, version)

    def remove(self, name: str, version: str = "") -> None:
        """Remove a version, or the whole plugin with its data.

        Raises:
            UsageError: it is not installed, or is the current one of several.
        """
        with self._locked():
            history = self._history(name)
            if not version or self.versions(name) == [version]:
                if not self._place(name).is_dir():
                    raise UsageError(f"no plugin {name!r} is installed")
                self._throw_away(self._place(name), self.root)
                return
            self._read(name, version)
            if history[-1:] == [version]:
                raise UsageError(f"{name} {version} is the current version", hint="roll it back first")
            self._write(name, [item for item in history if item != version])
            self._throw_away(self._place(name) / version, self._place(name))

    def _throw_away(self, what: Path, beside: Path) -> None:
        gone = Path(tempfile.mkdtemp(prefix=f".gone-{os.getpid()}-", dir=beside))
        what.rename(gone / what.name)
        shutil.rmtree(gone, ignore_errors=True)

    def _sweep(self, folder: Path) -> None:
        """Remove what processes that are gone left half-way."""
        for item in (*folder.glob(".new-*"), *folder.glob(".gone-*"), *self.root.glob(".gone-*")):
            pid = item.name.split("-")[1]
            if not pid.isdigit() or not Path(f"/proc/{pid}").exists():
                shutil.rmtree(item, ignore_errors=True)

    def _history(self, name: str) -> list[str]:
        try:
            lines = (self._place(name) / "current").read_text().split()
        except FileNotFoundError:
            return []
        return [line for line in lines if _PLAIN.match(line)]

    def _write(self, name: str, history: list[str]) -> None:
        place = self._place(name) / "current"
        partial = place.with_name(".current")
        partial.write_text("".join(f"{version}\n" for version in history[-_MOST_KEPT:]))
        partial.rename(place)

    def _read(self, name: str, version: str) -> Installed:
        folder = self._place(name) / _plain(version)
        try:
            manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        except FileNotFoundError as error:
            raise UsageError(f"{name} {version} is not installed", hint=", ".join(self.versions(name))) from error
        except ValidationError as error:
            raise UsageError(f"{folder}: its manifest is damaged: {error.errors()[0]['msg']}") from error
        return Installed(folder, manifest, self._place(name) / "data")

    def _place(self, name: str) -> Path:
        return self.root / _plain(name)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process changes the store at a time; each change takes no longer than a rename."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _plain(word: str) -> str:
    if not _PLAIN.match(word):
        raise UsageError(f"{word!r} is not a plugin's name or version")
    return word
