"""One run among many, as a line of `results.jsonl`, and which runs belong together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, computed_field

from practicum.bus.events import Json, Outcome
from practicum.errors import ExitCode


class Row(BaseModel):
    """How one run of many ended."""

    key: str
    """Names the run within its suite."""
    scenario: str
    """Its name."""
    file: str = ""
    """Path of the scenario's file, as it was given."""
    parameters: dict[str, Json] = {}
    """Of a matrix: key path to value."""
    trial: int = 1
    """From 1, of several trials of the same scenario with the same parameters."""
    run: str = ""
    """Id of the run; empty when it ended before it had one."""
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0
    cost_usd: float = 0.0
    tokens: int = 0
    """In and out, cached or not, of all agents."""
    exit_code: ExitCode = ExitCode.INCONCLUSIVE
    """What `practicum run` would return for it alone."""

    @property
    def case(self) -> Case:
        """What it is a trial of."""
        return case_of(self.scenario, self.parameters)

    @property
    def counts(self) -> bool:
        """Whether its outcome says something about the team."""
        return self.outcome in ("passed", "failed")


Case = tuple[str, str]
"""A scenario's name and its parameters as JSON: what several trials are trials of."""


def case_of(scenario: str, parameters: Mapping[str, Json], without: Iterable[str] = ()) -> Case:
    """What a run is a trial of. Parameters in `without` do not tell cases apart."""
    left = {name: value for name, value in parameters.items() if name not in set(without)}
    return scenario, json.dumps(left, sort_keys=True, ensure_ascii=False)


class Tally(BaseModel):
    """How many runs ended how. Only those that passed or failed say something about the team; the rest stands apart."""

    passed: int = 0
    failed: int = 0
    inconclusive: int = 0
    limit: int = 0
    infrastructure: int = 0
    cancelled: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def counted(self) -> int:
        """The denominator of every rate: passed and failed."""
        return self.passed + self.failed

    @computed_field  # type: ignore[prop-decorator]
    @property
    def apart(self) -> int:
        """Ended in a way that says nothing about the team."""
        return self.inconclusive + self.limit + self.infrastructure + self.cancelled

    @property
    def flaky(self) -> bool:
        """The same thing passed and failed."""
        return self.passed > 0 and self.failed > 0


def tally(rows: Iterable[Row]) -> Tally:
    """Count runs by their outcome."""
    return Tally.model_validate(Counter(row.outcome for row in rows))


def label(parameters: Mapping[str, Json], width: int = 60) -> str:
    """Parameters in one line, each value cut to `width`: `team=solo, run[0].input=List open...`."""
    return ", ".join(f"{name}={_cut(shown(value), width)}" for name, value in parameters.items())


def shown(value: Json) -> str:
    """A parameter's value as text: words as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
