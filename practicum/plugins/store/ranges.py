"""Whether a version is one that somebody asked for: the ranges of npm, as scenario files have them.

https://github.com/npm/node-semver#ranges: `^1.2.3` changes nothing up to the first number that is not zero, `~1.2.3`
only the last number, `1.2` and `1.2.x` have any last one. Only ranges of one part are read; the schema refuses others.
"""

from __future__ import annotations

import re

_ANY = ("", "latest", "*")
_WORKSPACE = "workspace:"
"""npm: whatever lies in the same checkout."""

_RANGE = re.compile(
    r"(?P<sign>[\^~]|[<>]=?|=)?\s*v?(?P<numbers>\d+(\.(\d+|x|\*))*)(-(?P<before>[0-9A-Za-z.-]+))?(\+.*)?"
)
_VERSION = re.compile(r"(?P<numbers>\d+\.\d+\.\d+)((?P<phase>a|b|rc)(?P<number>\d+))?")
_BEFORE = re.compile(r"(?P<phase>a|b|rc)[a-z]*[.-]?(?P<number>\d+)?")

_Key = tuple[tuple[int, ...], int, int]
"""Numbers, phase, number of the phase: in the order of versions."""
_FIRST, _FINAL = -1, 3
_PHASES = {"a": 0, "b": 1, "rc": 2}


def satisfies(version: str, wanted: str) -> bool:
    """Whether `version` (`0.2.0`, `0.2.0rc1`) is in the range `wanted`, as a scenario's `plugins` have it.

    A candidate of a version comes before that version, and is outside of `^` and `~` ranges that begin or end there.
    """
    if wanted in _ANY or wanted.startswith(_WORKSPACE):
        return True
    found, asked = _VERSION.fullmatch(version), _RANGE.fullmatch(wanted)
    if found is None or asked is None:
        return version == wanted
    have = _key(_numbers(found["numbers"]), found["phase"], found["number"])
    given = _numbers(asked["numbers"])
    before = _BEFORE.match(asked["before"] or "")
    low = _key(given, before["phase"], before["number"]) if before else (_whole(given), _FINAL, 0)
    match asked["sign"]:
        case "^":
            kept = next((place for place, number in enumerate(given) if number), len(given) - 1)
            return low <= have < _after(given[: kept + 1])
        case "~":
            return low <= have < _after(given[:2])
        case ">=":
            return have >= low
        case "<":
            return have < low
        case ">":
            return have > low if len(given) == 3 else have >= _after(given)
        case "<=":
            return have <= low if len(given) == 3 else have < _after(given)
        case _:
            return have == low if len(given) == 3 else low <= have < _after(given)


def _numbers(text: str) -> tuple[int, ...]:
    """Those that are given; from `x` or `*` on, any will do."""
    found: list[int] = []
    for part in text.split("."):
        if not part.isdigit():
            break
        found.append(int(part))
    return tuple(found)


def _whole(given: tuple[int, ...]) -> tuple[int, ...]:
    return (*given, 0, 0)[:3]


def _key(given: tuple[int, ...], phase: str | None, number: str | None) -> _Key:
    return _whole(given), _PHASES[phase] if phase else _FINAL, int(number or 0)


def _after(given: tuple[int, ...]) -> _Key:
    """The first version that does not begin with these numbers, its candidates included."""
    return _whole((*given[:-1], given[-1] + 1)), _FIRST, 0
