"""Many runs together: what they come to, evaluation by evaluation and run by run. Every format is made from this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from practicum.scenarios.matrix import short_paths
from practicum.scenarios.statistics import CaseSummary, Row, Summary, label, summarise
from practicum.scenarios.verdict import Verdict


class EvaluationRate(BaseModel):
    """How often one evaluation of a scenario passed."""

    scenario: str
    evaluator: str
    step: int | None = None
    """From 0; None for one that looks at the whole run."""
    passed: int = 0
    weak: int = 0
    """Passed and showed nothing; not among `passed`."""
    failed: int = 0
    error: int = 0
    """Could not look."""


class Overview(BaseModel):
    """What `practicum report --format json` prints."""

    title: str
    started: datetime | None = None
    """When the first run began; None where no verdict is there."""
    summary: Summary
    evaluations: list[EvaluationRate] = []
    """Those that fail most first."""
    rows: list[Row]
    verdicts: dict[str, Verdict] = {}
    """Run to its verdict, as far as these are there."""

    def data(self) -> str:
        """As JSON; verdicts only of a single run, where many would be most of the file."""
        return self.model_dump_json(indent=1, exclude=None if len(self.rows) == 1 else {"verdicts"})


def overview(rows: Sequence[Row], verdicts: Mapping[str, Verdict], title: str = "") -> Overview:
    """Put runs together; `verdicts` of as many of them as there are."""
    known = {row.run: verdicts[row.run] for row in rows if row.run in verdicts}
    names = list(dict.fromkeys(row.scenario for row in rows))
    return Overview(
        title=title or ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
        started=min((verdict.started for verdict in known.values()), default=None),
        summary=summarise(rows),
        evaluations=_evaluations(list(known.values())),
        rows=list(rows),
        verdicts=known,
    )


class Names:
    """Short names of cases: what all of them share is left out."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._many = len({row.scenario for row in rows}) > 1
        keys = list(dict.fromkeys(key for row in rows for key in row.parameters))
        self._keys = short_paths(keys)

    def __call__(self, row: Row | CaseSummary) -> str:
        """`model=anthropic/NAME, temperature=0`; with the scenario in front where there are several."""
        parameters = label({self._keys.get(key, key): value for key, value in row.parameters.items()}, 40)
        if not parameters:
            return row.scenario
        return f"{row.scenario}: {parameters}" if self._many else parameters


def _evaluations(verdicts: Sequence[Verdict]) -> list[EvaluationRate]:
    found: dict[tuple[str, str, int | None], EvaluationRate] = {}
    for verdict in verdicts:
        for item in verdict.evaluations:
            key = (verdict.scenario, item.evaluator, item.step)
            rate = found.setdefault(key, EvaluationRate(scenario=key[0], evaluator=key[1], step=key[2]))
            if item.outcome == "failed":
                rate.failed += 1
            elif item.outcome == "error":
                rate.error += 1
            elif item.counts:
                rate.passed += 1
            else:
                rate.weak += 1
    return sorted(found.values(), key=lambda rate: (-rate.failed - rate.error, -rate.weak))
