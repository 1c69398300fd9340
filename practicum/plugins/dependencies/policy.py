"""Which dependencies may be installed at all: decided by their names, before anything is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from practicum.errors import UsageError
from practicum.plugins.pipeline.result import Problem

_HERE = Path(__file__).parent
_CONFUSABLE = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "i": "l", "v": "u"})
_AFFIXES = re.compile(
    r"^(?:python|py|lib|the|real|true)-|-(?:python|py|lib|official|sdk|client|core|dev|new|fixed|\d+)$"
)
_LONG = 8
"""From this length on, two letters may differ and a name still looks like the other."""


@dataclass(frozen=True, slots=True)
class DependencyPolicy:
    """What is allowed besides the list of this package, and where advisories are looked up."""

    allow: frozenset[str] = frozenset()
    """Normalised names that the user adds."""
    advisories: Path | None = None
    """A folder of advisories in OSV's JSON, for when its API is not reachable."""
    online: bool = True
    """Whether OSV's API may be asked: it learns the names and versions of the dependencies."""

    @classmethod
    def of(cls, names: Iterable[str] = (), *, advisories: Path | None = None, online: bool = True) -> DependencyPolicy:
        """With these names, as anybody spells them."""
        return cls(frozenset(normalised(name) for name in names), advisories, online)

    @classmethod
    def read(cls, file: Path, *, advisories: Path | None = None, online: bool = True) -> DependencyPolicy:
        """With the names of a file, one a line, `#` begins a comment.

        Raises:
            UsageError: it cannot be read.
        """
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the names of allowed dependencies: {error}") from error
        return cls.of(_lines(text), advisories=advisories, online=online)

    def allows(self, name: str) -> bool:
        """Whether a distribution of that name may be installed."""
        return normalised(name) in self.allow or normalised(name) in listed("allowed.txt")


def normalised(name: str) -> str:
    """A name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).strip("-").lower()


@cache
def listed(file: str) -> frozenset[str]:
    """The names of a list that this package brings."""
    return frozenset(normalised(name) for name in _lines((_HERE / file).read_text(encoding="utf-8")))


def judge(requirements: Iterable[str], policy: DependencyPolicy) -> list[Problem]:
    """What is wrong with requirements, as they stand in a specification or a wheel (PEP 508)."""
    return [problem for text in requirements for problem in _judged(text, policy)]


def name_of(text: str) -> str:
    """The normalised name that a requirement begins with; empty where it begins with none."""
    match = re.match(r"^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)", text)
    return normalised(match.group(1)) if match else ""


def looks_like(name: str) -> str:
    """The well-known name that this one could be taken for; empty where there is none, or it is one itself."""
    name = normalised(name)
    known = listed("allowed.txt") | listed("popular.txt")
    if name in known:
        return ""
    plain = _plain(name)
    for other in sorted(known):
        if plain == _plain(other) and len(other) > 3:
            return other
        allowed = 2 if min(len(name), len(other)) >= _LONG else 1 if min(len(name), len(other)) >= 4 else 0
        if allowed and abs(len(name) - len(other)) <= allowed and distance(name, other, allowed) <= allowed:
            return other
    return ""


def distance(one: str, two: str, most: int) -> int:
    """Edits from one text to the other: a letter more, less, changed, or two neighbours swapped (optimal string
    alignment); `most + 1` where it is more than `most`.
    """
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, left in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, right in enumerate(two, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == two[j - 2] and one[i - 2] == right:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return row[-1]


def _plain(name: str) -> str:
    return _AFFIXES.sub("", name).replace("-", "").translate(_CONFUSABLE)


def _judged(text: str, policy: DependencyPolicy) -> Iterator[Problem]:
    shown = text.strip()[:200]
    name = name_of(text)
    if not name or shown.startswith(("-", ".", "/")) or "\n" in text:
        yield _wrong(f"{shown!r} is no requirement, such as python-dateutil>=2.9")
        return
    if "@" in text or "://" in text:
        yield _wrong(f"{shown!r} is fetched from an address: dependencies come from the index only")
        return
    if policy.allows(name):
        return
    other = looks_like(name)
    if other:
        yield _wrong(f"{name} looks like {other} and is not: a name that is easily mistaken is not installed")
    else:
        yield _wrong(f"{name} is not among the allowed dependencies; an operator can add it")


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        name = line.partition("#")[0].strip()
        if name:
            yield name


def _wrong(message: str) -> Problem:
    return Problem(message, "pyproject.toml", code="dependencies")
