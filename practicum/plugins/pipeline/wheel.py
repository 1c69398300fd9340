"""Looking at a wheel from outside, before anything of it is installed."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from email.parser import HeaderParser
from pathlib import PurePosixPath

from practicum.api.sandbox import MIB
from practicum.plugins.pipeline.result import Problem
from practicum.plugins.pipeline.snapshot import Snapshot
from practicum.plugins.specification import PluginSpecification

MOST_UNPACKED = 40 * MIB
_NAME = re.compile(r"^[A-Za-z0-9_.+!]+(-[A-Za-z0-9_.+!]+){4}\.whl$")
_GROUP = "practicum.plugins"
_CODE = (".py", ".pyi", ".json", ".txt", ".toml", ".yaml", ".yml", ".csv", ".md", ".typed", ".sql", ".html", ".jinja")


def examine(name: str, data: bytes, spec: PluginSpecification, snapshot: Snapshot | None = None) -> list[Problem]:
    """What is wrong with a wheel, as data that anybody may have made (PyPA's binary distribution format).

    It may hold the one package and its own metadata, nothing that runs when installed or at interpreter start, and,
    with a `snapshot`, only files that stand there with the same bytes.
    """
    if not _NAME.match(name) or not name.endswith("-py3-none-any.whl"):
        return [_wrong(f"{name} is no pure wheel for Python 3", name)]
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        return [_wrong(f"the wheel cannot be read: {error}", name)]
    if sum(info.file_size for info in infos) > MOST_UNPACKED:
        return [_wrong(f"the wheel holds more than {MOST_UNPACKED // MIB} MiB", name)]
    problems = [problem for info in infos for problem in _entry(info, spec)]
    if len({info.filename for info in infos}) != len(infos):
        problems.append(_wrong("the wheel holds a name twice", name))
    if problems:
        return problems
    about = {PurePosixPath(info.filename).parts[0] for info in infos} - {spec.package}
    if len(about) != 1 or f"{min(about)}/METADATA" not in archive.namelist():
        return [_wrong(f"the wheel has {len(about)} .dist-info folders, and must have one with METADATA", name)]
    points = ""
    for info in infos:
        try:
            content = archive.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            return [_wrong(f"{info.filename} cannot be read: {error}", name)]
        if snapshot is not None and not info.is_dir() and info.filename.startswith(f"{spec.package}/"):
            if snapshot.files.get(f"src/{info.filename}") != hashlib.sha256(content).hexdigest():
                problems.append(
                    _wrong(f"{info.filename} was made while building: it is not among the plugin's files", name)
                )
        elif info.filename == f"{min(about)}/entry_points.txt":
            points = content.decode("utf-8", errors="replace")
    return problems + _entry_points(points, spec)


def requires_of(data: bytes) -> tuple[str, ...]:
    """The wheel's `Requires-Dist` lines."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    name = next(item for item in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", item))
    headers = HeaderParser().parsestr(archive.read(name).decode("utf-8", errors="replace"))
    return tuple(str(text).strip() for text in headers.get_all("Requires-Dist", ()))


def _entry(info: zipfile.ZipInfo, spec: PluginSpecification) -> list[Problem]:
    path = PurePosixPath(info.filename)
    name = info.filename
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
        return [_wrong(f"{name!r} leads out of the package", name)]
    if (info.external_attr >> 28) == 0xA:
        return [_wrong(f"{name} is a symbolic link", name)]
    if path.suffix == ".pth":
        return [_wrong(f"{name}: a .pth file would run code whenever Python starts", name)]
    top = path.parts[0]
    if top.endswith(".dist-info"):
        return []
    if top.endswith(".data"):
        return [_wrong(f"{name}: scripts and data would be installed outside of the package", name)]
    if top != spec.package:
        return [_wrong(f"{name} lies outside of the package {spec.package}", name)]
    if not info.is_dir() and path.suffix not in _CODE:
        return [_wrong(f"{name}: files of the kind {path.suffix or 'without ending'} may not be in a plugin", name)]
    return []


def _entry_points(text: str, spec: PluginSpecification) -> list[Problem]:
    group, found, problems = "", 0, []
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip()
            if group != _GROUP:
                problems.append(
                    _wrong(f"entry points of the group {group!r}: only {_GROUP} may be there", "pyproject.toml")
                )
        elif line and group == _GROUP:
            found += 1
            name, _, target = (part.strip() for part in line.partition("="))
            module = target.partition(":")[0]
            if name != spec.name or not (module == spec.package or module.startswith(f"{spec.package}.")):
                problems.append(
                    _wrong(
                        f'the entry point must read {spec.name} = "{spec.package}:plugin", not {line!r}',
                        "pyproject.toml",
                    )
                )
    if found != 1:
        problems.append(_wrong(f"there must be one entry point in the group {_GROUP}, not {found}", "pyproject.toml"))
    return problems


def _wrong(message: str, file: str) -> Problem:
    return Problem(message, file, code="wheel")
