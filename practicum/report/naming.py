"""What a run and its evaluations are called in reports, and where they stand in the scenario file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from practicum.errors import UsageError
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.lines import Keys, Source, read_yaml
from practicum.scenarios.verdict import Verdict


def title(verdict: Verdict) -> str:
    """The scenario's name, with what tells its runs apart: parameters and trial."""
    parts = [f"{key}={_short(value)}" for key, value in verdict.parameters.items()]
    if verdict.trial > 1:
        parts.append(f"trial {verdict.trial}")
    return f"{verdict.scenario} [{', '.join(parts)}]" if parts else verdict.scenario


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def file_of(verdict: Verdict) -> str:
    """The scenario's file, relative to the present folder where it lies below it."""
    if not verdict.scenario_file:
        return ""
    path = Path(verdict.scenario_file)
    try:
        return str(path.resolve().relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except (ValueError, OSError):
        return str(path)


def place_of(item: Evaluated, steps: dict[int, str] | None = None) -> str:
    """`step 2 "build", turn 1`; empty for an evaluation of the whole run."""
    if item.step is None:
        return ""
    name = (steps or {}).get(item.step, "")
    where = f'step {item.step + 1} "{name}"' if name else f"step {item.step + 1}"
    return where if item.turn is None else f"{where}, turn {item.turn}"


def lines_of(verdict: Verdict) -> dict[int, int]:
    """Evaluation (by `index`) to its 1-based line in the scenario file; empty where that cannot be read any more."""
    source = _source(verdict.scenario_file, _changed(verdict.scenario_file)) if verdict.scenario_file else None
    if source is None:
        return {}
    found: dict[int, int] = {}
    seen: Counter[tuple[int | None, int | None]] = Counter()
    for item in verdict.evaluations:
        group = (item.step, item.turn)
        found[item.index] = source.line(_keys(source, item, seen[group]))
        seen[group] += 1
    return found


def _changed(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):
        return 0.0


@lru_cache(maxsize=8)
def _source(path: str, _changed: float) -> Source | None:
    try:
        return read_yaml(Path(path))
    except (UsageError, ValueError, OSError):
        return None


def _keys(source: Source, item: Evaluated, place: int) -> Keys:
    """Where an evaluation stands: the `place`-th of its step and turn, if that one has its name; else its step."""
    candidates = list(_entries(source.value, item))
    if place < len(candidates):
        keys, entry = candidates[place]
        if isinstance(entry, dict) and item.evaluator in (entry.get("name"), entry.get("type")):
            return keys
    named = [
        keys
        for keys, entry in candidates
        if isinstance(entry, dict) and item.evaluator in (entry.get("name"), entry.get("type"))
    ]
    if len(named) == 1:
        return named[0]
    return ("evaluations",) if item.step is None else ("run", item.step)


def _entries(value: Any, item: Evaluated) -> Iterator[tuple[Keys, Any]]:
    """The entries among which an evaluation is, in the order in which they are looked at."""
    if not isinstance(value, dict):
        return
    if item.step is None:
        yield from _list(value, ("evaluations",))
        return
    run = value.get("run")
    at: Keys = ("run",)
    step = run
    if isinstance(run, list):
        at = ("run", item.step)
        step = run[item.step] if item.step < len(run) else None
    if not isinstance(step, dict):
        return
    talk = step.get("conversation")
    if item.turn is not None:
        yield from _list(talk, (*at, "conversation"), "turn_evaluations")
        return
    yield from _list(step, at, "evaluations")
    yield from _list(talk, (*at, "conversation"), "final_evaluations")


def _list(value: Any, at: Keys, key: str = "") -> Iterator[tuple[Keys, Any]]:
    if not key:
        at, key = at[:-1], str(at[-1])
    entries = value.get(key) if isinstance(value, dict) else None
    if isinstance(entries, list):
        for index, entry in enumerate(entries):
            yield (*at, key, index), entry
