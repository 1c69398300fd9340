"""Reading and unpacking wheels without executing anything of theirs (the format: PyPA, binary distribution format)."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from practicum.api.plugin import ENTRY_POINTS
from practicum.errors import UsageError
from practicum.plugins.uv import run_uv

MOST_BYTES = 256 * 1024 * 1024
"""Of a wheel's files together, unpacked."""
_MOST_FILES = 20_000
_UV_S = 60.0
_METADATA_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WheelFacts:
    """What a wheel says of itself."""

    name: str
    """The plugin's: the name of its entry point."""
    version: str
    description: str
    requires: tuple[str, ...]
    digest: str


def read_wheel(wheel: Path) -> WheelFacts:
    """Read a wheel's metadata. Blocks for as long as it takes to read the file once.

    Raises:
        UsageError: it is no wheel, not one of a plugin, or larger than any plugin's.
    """
    try:
        data = wheel.read_bytes()
        with zipfile.ZipFile(wheel) as archive:
            entries = archive.infolist()
            _check(wheel, entries)
            [metadata] = [item for item in entries if re.fullmatch(r"[^/]+\.dist-info/METADATA", item.filename)]
            headers = HeaderParser().parsestr(_text(archive, metadata))
            points = [item for item in entries if re.fullmatch(r"[^/]+\.dist-info/entry_points\.txt", item.filename)]
            names = _entry_names(_text(archive, points[0])) if points else []
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise UsageError(f"{wheel} is not a wheel: {error}") from error
    if len(names) != 1:
        raise UsageError(
            f"{wheel.name} has {len(names)} entry points in the group {ENTRY_POINTS}; a plugin has one",
            hint=f'[project.entry-points."{ENTRY_POINTS}"]  my-plugin = "my_plugin:plugin"',
        )
    return WheelFacts(
        name=names[0],
        version=headers.get("Version", ""),
        description=headers.get("Summary", ""),
        requires=tuple(headers.get_all("Requires-Dist", [])),
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
    )


def _check(wheel: Path, entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        parts = entry.filename.split("/")
        if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or "\0" in entry.filename:
            raise UsageError(f"{wheel.name}: {entry.filename!r} leads outside of it")
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise UsageError(f"{wheel.name} holds more than {_MOST_FILES} files or {MOST_BYTES >> 20} MiB")


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    if entry.file_size > _METADATA_BYTES:
        raise ValueError(f"{entry.filename} is too large")
    return archive.read(entry).decode()


def _entry_names(text: str) -> list[str]:
    names, group = [], ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group == ENTRY_POINTS and "=" in line and not line.startswith("#"):
            names.append(line.partition("=")[0].strip())
    return names


async def unpack(wheel: Path, requires: tuple[str, ...], site: Path) -> tuple[str, ...]:
    """Put a wheel and what it needs into the new folder `site`; returns what was put beside it, as `name==version`.

    Dependencies come from uv's cache: nothing is fetched, nothing is built, nothing is executed. What the interpreter
    that runs us has already is not installed again: it is visible in the sandbox.

    Raises:
        UsageError: a dependency is not in the cache, or the wheel cannot be installed on this machine.
        InfrastructureError: uv is not here, or did not end.
    """
    await _uv("install", "--no-deps", "--target", str(site), str(wheel))
    before = {item.name for item in distributions(path=[str(site)])}
    if missing := _missing(requires):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as excludes:
            excludes.write("\n".join(sorted({item.name for item in distributions() if item.name})))
            excludes.flush()
            await _uv("install", "--excludes", excludes.name, "--target", str(site), *missing)
    (site / ".lock").unlink(missing_ok=True)  # uv's own
    _open_to_all(site)
    beside = [item for item in distributions(path=[str(site)]) if item.name not in before]
    return tuple(sorted(f"{item.name}=={item.version}" for item in beside))


def _missing(requires: tuple[str, ...]) -> list[str]:
    """The requirements that the interpreter that runs us does not fulfil."""
    missing: list[str] = []
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise UsageError(f"{text!r} is not a requirement: {error}") from error
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.url:
            raise UsageError(f"{text}: a plugin's dependencies are named, not fetched from an address")
        try:
            version = distribution(requirement.name).version
        except PackageNotFoundError:
            missing.append(text)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            raise UsageError(
                f"it needs {requirement.name}{requirement.specifier}, and {version} is what Practicum runs with",
                hint="widen the requirement: a plugin shares the libraries of the interpreter that runs it",
            )
    return missing


async def _uv(verb: str, *arguments: str) -> None:
    """Run `uv pip VERB` offline with wheels only."""
    code, said = await run_uv(
        ["pip", verb, "--offline", "--only-binary", ":all:", "--quiet", "--link-mode", "copy", *arguments],
        environment={"VIRTUAL_ENV": sys.prefix},
        within_s=_UV_S,
    )
    if code != 0:
        raise UsageError(
            f"it cannot be installed: {said.strip()}",
            hint="dependencies come from uv's cache, nothing is fetched: uv pip download them once, or drop them",
        )


def _open_to_all(site: Path) -> None:
    """Let every user read it: inside its sandbox, a plugin is another one than we are."""
    for folder, _, files in os.walk(site):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder) / file
            if not path.is_symlink():
                path.chmod(0o644)
