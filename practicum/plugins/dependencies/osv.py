"""Advisories in the Open Source Vulnerability format (OSV schema 1.6), from a folder or from its API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from practicum.plugins.dependencies.policy import normalised

API = "https://api.osv.dev/v1/querybatch"
API_S = 3.0
_ECOSYSTEM = "PyPI"
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Advisory:
    """Something known to be wrong with a version."""

    package: str
    version: str
    id: str
    summary: str = ""


class Unreachable(Exception):
    """A source gave no answer; the text says why."""


async def ask(pins: Sequence[str], url: str = API, timeout_s: float = API_S) -> list[Advisory]:
    """What OSV's API knows about `name==version` pins.

    Raises:
        Unreachable: no answer in time, or none that can be understood.
    """
    import aiohttp

    packages = list(split(pins))
    queries = [{"package": {"name": name, "ecosystem": _ECOSYSTEM}, "version": version} for name, version in packages]
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s), trust_env=True) as session,
            session.post(url, json={"queries": queries}) as answer,
        ):
            if answer.status != 200:
                raise Unreachable(f"OSV's API answered {answer.status}")
            results = json.loads(await answer.content.read(_LARGEST))["results"]
            if len(results) != len(packages):
                raise Unreachable("OSV's API answered something else than it was asked")
            return [
                Advisory(name, version, str(item["id"]))
                for (name, version), result in zip(packages, results, strict=True)
                for item in (result or {}).get("vulns") or ()
            ]
    except TimeoutError as error:
        raise Unreachable(f"OSV's API did not answer within {timeout_s:g} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"OSV's API cannot be reached ({type(error).__name__})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreachable("OSV's API answered something that cannot be understood") from error


@dataclass(frozen=True, slots=True)
class Dump:
    """Advisories of a folder: `*.json`, one advisory each, as OSV publishes them for PyPI."""

    folder: Path
    count: int
    newest: datetime | None
    """When the youngest of them was changed: what came later, the folder does not know."""
    found: tuple[Advisory, ...]


def look(folder: Path, pins: Sequence[str]) -> Dump:
    """What a folder knows about `name==version` pins. Blocks.

    Raises:
        Unreachable: it holds no advisory that can be read.
    """
    wanted = dict(split(pins))
    found: list[Advisory] = []
    count, newest = 0, None
    for file in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
        try:
            item = json.loads(file.read_text(encoding="utf-8"))
            changed = datetime.fromisoformat(str(item["modified"]).replace("Z", "+00:00"))
            affected = [one for one in item["affected"] if one["package"]["ecosystem"] == _ECOSYSTEM]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not affected:
            continue
        count += 1
        changed = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
        newest = changed if newest is None else max(newest, changed)
        if "withdrawn" not in item:
            found += _affecting(item, affected, wanted)
    if not count:
        raise Unreachable(f"there is no advisory in {folder}")
    return Dump(folder, count, newest, tuple(found))


def split(pins: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Normalised name and version of each pin."""
    for pin in pins:
        name, _, version = pin.partition("==")
        yield normalised(name), version


def _affecting(item: dict[str, Any], affected: list[dict[str, Any]], wanted: dict[str, str]) -> Iterator[Advisory]:
    for one in affected:
        name = normalised(str(one["package"]["name"]))
        if name in wanted and _hits(one, wanted[name]):
            yield Advisory(name, wanted[name], str(item.get("id", "?")), str(item.get("summary", ""))[:200])
            return


def _hits(affected: dict[str, Any], version: str) -> bool:
    """Whether a version is affected: listed, or within a range (OSV schema, "Evaluation")."""
    from packaging.version import InvalidVersion, Version

    if version in (affected.get("versions") or ()):
        return True
    try:
        mine = Version(version)
        for ranged in affected.get("ranges") or ():
            if ranged.get("type") != "ECOSYSTEM":
                continue
            inside = False
            for event in ranged.get("events") or ():
                if "introduced" in event and (event["introduced"] == "0" or mine >= Version(event["introduced"])):
                    inside = True
                elif ("fixed" in event and mine >= Version(event["fixed"])) or (
                    "last_affected" in event and mine > Version(event["last_affected"])
                ):
                    inside = False
            if inside:
                return True
    except InvalidVersion:
        return False
    return False
