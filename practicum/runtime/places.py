"""Where runs lie on disk, and how one is named: by id, by the beginning of it, or `last`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from practicum.bus.events import Json
from practicum.errors import InfrastructureError, UsageError
from practicum.ids import new_run_id
from practicum.scenarios.lines import read_yaml

ROOT_VARIABLE = "PRACTICUM_HOME"


def root() -> Path:
    """The folder of all that Practicum keeps here: `.practicum`, or what PRACTICUM_HOME names."""
    return Path(os.environ.get(ROOT_VARIABLE, ".practicum")).absolute()


class RunCard(BaseModel):
    """`run.json`: what a run is, before and besides its trajectory."""

    run: str
    scenario: str
    """Its name."""
    scenario_file: str
    """Absolute path of the file that was run; replay reads the scripts beside it."""
    team: str
    """`oracle`, or another scripted team."""
    models: dict[str, str]
    """Agent to model."""
    services: dict[str, str]
    started: datetime
    pid: int
    boot: str
    """The launcher's start time as the kernel counts it; with the pid it names one process."""
    ended: datetime | None = None
    outcome: str = ""
    """Empty while it runs."""
    reason: str = ""
    summary: str = ""
    arguments: list[str] = []
    """How to run it again."""
    trial: int = 1
    parameters: dict[str, Json] = {}
    """Of a matrix: key path to value; `scenario.yaml` in the run's folder has them filled in."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def artifacts(self) -> Path:
        """What the team made: `product.git`, `product/`, reports."""
        return self.path / "artifacts"

    @property
    def logs(self) -> Path:
        """What the run's processes wrote on stderr."""
        return self.path / "logs"

    def scenario(self) -> dict[str, Any]:
        """What was run: `scenario.yaml`, with a matrix's values in it.

        Raises:
            UsageError: it is not there.
        """
        value = read_yaml(self.path / "scenario.yaml").value
        return value if isinstance(value, dict) else {}

    def card(self) -> RunCard:
        """Read `run.json`.

        Raises:
            UsageError: it is not there, or not one.
        """
        try:
            return RunCard.model_validate_json((self.path / "run.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise UsageError(f"{self.path} is not a run: {error}") from error

    def write_card(self, card: RunCard) -> None:
        """Write `run.json` in one piece.

        Raises:
            InfrastructureError: the disk refuses.
        """
        write_whole(self.path / "run.json", card.model_dump_json(indent=1))

    def status(self) -> str:
        """`running`, the outcome, or `interrupted` when the launcher is gone without a word."""
        card = self.card()
        if card.outcome:
            return card.outcome
        return "running" if process_start(card.pid) == card.boot else "interrupted"


def write_whole(path: Path, text: str) -> None:
    """Write a file in one piece: a reader sees all of it or what was there before.

    Raises:
        InfrastructureError: the disk refuses.
    """
    partial = path.with_name(f".{path.name}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise disk_refused(path.parent, error) from error


def disk_refused(folder: Path, error: OSError) -> InfrastructureError:
    """What to say when a result cannot be written."""
    return InfrastructureError(f"cannot write {folder}: {error.strerror}", hint="free some disk space and run again")


def make_folder(path: Path) -> None:
    """Make a folder below `root()`, with those above it.

    Raises:
        UsageError: it cannot be made there.
    """
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"{root()}: cannot be written: {error.strerror}",
            hint=f"{ROOT_VARIABLE} names another folder to keep runs in",
        ) from error


def process_start(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty when there is none. Source: proc(5), field 22."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def new_run() -> RunFolder:
    """Make the folder of a new run.

    Raises:
        UsageError: it cannot be made there.
    """
    folder = RunFolder(root() / "runs" / new_run_id())
    make_folder(folder.path)
    make_folder(folder.logs)
    return folder


def all_runs() -> list[RunFolder]:
    """Every run here, oldest first."""
    base = root() / "runs"
    if not base.is_dir():
        return []
    return [RunFolder(path) for path in sorted(base.iterdir()) if (path / "run.json").is_file()]


def find_run(name: str = "last") -> RunFolder:
    """A run by id, by the beginning of one, by path, or the newest for `last`.

    Raises:
        UsageError: there is none, or several begin like that.
    """
    if "/" in name and (Path(name) / "run.json").is_file():
        return RunFolder(Path(name).absolute())
    runs = all_runs()
    if not runs:
        raise UsageError(f"no run in {root()}", hint="practicum run dev-team makes one")
    if name == "last":
        return runs[-1]
    found = [run for run in runs if run.run.lower().startswith(name.lower())]
    if not found:
        raise UsageError(f"no run is named {name!r}", hint="practicum runs lists them")
    if len(found) > 1 and found[-1].run.lower() != name.lower():
        raise UsageError(f"{name!r} fits {len(found)} runs", hint=", ".join(run.run for run in found[-5:]))
    return found[-1]


def started_now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)
