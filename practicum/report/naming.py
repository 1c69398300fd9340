"""What a run and its evaluations are called in reports, and where they stand in the scenario file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from practicum.errors import UsageError
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.lines import Source, dotted, read_yaml
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
    lines = {_as_run(dotted(keys), source): line for keys, line in source.lines.items() if keys}
    found: dict[int, int] = {}
    for item in verdict.evaluations:
        step = "evaluations" if item.step is None else f"run[{item.step}]"
        found[item.index] = lines.get(item.place) or lines.get(step) or 1
    return found


def _as_run(place: str, source: Source) -> str:
    """A place of the file as evaluations are told it: a single step without a list around it is `run[0]`."""
    alone = isinstance(source.value, dict) and isinstance(source.value.get("run"), dict)
    return f"run[0]{place[3:]}" if alone and (place == "run" or place.startswith("run.")) else place


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
