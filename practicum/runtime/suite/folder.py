"""`.practicum/suites/{id}/`: where the results of many runs lie. The runs themselves lie where all runs do."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from practicum.errors import UsageError
from practicum.ids import new_run_id
from practicum.runtime.places import disk_refused, make_folder, root, write_whole
from practicum.scenarios.statistics import Row, summarise
from practicum.scenarios.suite import SuiteResult

RESULT = "suite.json"
ROWS = "results.jsonl"
ERRORS = "errors.log"
"""What the program itself stumbled over, with its stack: for whoever reports it."""


@dataclass(frozen=True)
class SuiteFolder:
    """The folder of one suite."""

    path: Path

    @property
    def suite(self) -> str:
        """The suite's id."""
        return self.path.name

    @property
    def result(self) -> Path:
        """`suite.json`."""
        return self.path / RESULT

    def write(self, result: SuiteResult) -> None:
        """Write `suite.json` in one piece.

        Raises:
            InfrastructureError: the disk refuses.
        """
        write_whole(self.result, result.model_dump_json(indent=1))

    def note(self, text: str) -> None:
        """Add to `errors.log`; a full disk loses it."""
        with contextlib.suppress(OSError), (self.path / ERRORS).open("a", encoding="utf-8") as file:
            file.write(text)


class RowWriter:
    """Appends rows to `results.jsonl`, each handed to the operating system before the next run can start.

    So a process that dies loses none. A machine that dies may lose the last ones; their runs have their own verdicts.
    """

    def __init__(self, folder: SuiteFolder) -> None:
        """Open the file.

        Raises:
            InfrastructureError: the disk refuses.
        """
        self._folder = folder.path
        try:
            self._file: IO[bytes] = (folder.path / ROWS).open("ab", buffering=0)
        except OSError as error:
            raise disk_refused(folder.path, error) from error

    def append(self, row: Row) -> None:
        """Write one line.

        Raises:
            InfrastructureError: the disk refuses.
        """
        try:
            self._file.write(row.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise disk_refused(self._folder, error) from error

    def close(self) -> None:
        self._file.close()


def new_suite() -> SuiteFolder:
    """Make the folder of a new suite.

    Raises:
        UsageError: it cannot be made there.
    """
    folder = SuiteFolder(root() / "suites" / new_run_id())
    make_folder(folder.path)
    return folder


def all_suites() -> list[SuiteFolder]:
    """Every suite here, oldest first."""
    base = root() / "suites"
    if not base.is_dir():
        return []
    return [SuiteFolder(path) for path in sorted(base.iterdir()) if (path / RESULT).is_file()]


def find_suite(name: str = "last") -> SuiteFolder:
    """A suite by id, by the beginning of one, by the path of its folder or `suite.json`, or the newest for `last`.

    `last~1` is the one before the newest, and so on.

    Raises:
        UsageError: there is none, or several begin like that.
    """
    path = Path(name)
    if os.sep in name or path.suffix == ".json":
        folder = path if (path / RESULT).is_file() else path.parent
        if (folder / RESULT).is_file() and (path == folder or path.is_file()):
            return SuiteFolder(folder.absolute())
    suites = all_suites()
    if not suites:
        raise UsageError(
            f"no suite in {root()}", hint="practicum matrix FILE or practicum run FILE --trials 10 makes one"
        )
    if (back := re.fullmatch(r"last(?:~(\d{1,6}))?", name)) is not None:
        steps = int(back[1] or 0)
        if steps >= len(suites):
            raise UsageError(f"{name}: there are only {len(suites)} suites")
        return suites[-1 - steps]
    found = [suite for suite in suites if name and suite.suite.lower().startswith(name.lower())]
    if not found:
        raise UsageError(f"no suite is named {name!r}", hint=f"the newest: {', '.join(s.suite for s in suites[-5:])}")
    if len(found) > 1:
        raise UsageError(f"{name!r} fits {len(found)} suites", hint=", ".join(suite.suite for suite in found[-5:]))
    return found[0]


def read_suite(folder: SuiteFolder) -> SuiteResult:
    """A suite's result; where its command died, what it had written by then.

    Raises:
        UsageError: it is not one.
    """
    try:
        result = SuiteResult.model_validate_json(folder.result.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder.result} is not the result of a suite: {error}") from error
    if result.complete or result.stopped:
        return result
    rows = _rows(folder.path / ROWS)
    stopped = "not finished: it is running still, or its command was killed"
    return result.model_copy(update={"rows": rows, "summary": summarise(rows), "stopped": stopped})


def _rows(path: Path) -> list[Row]:
    """The rows of `results.jsonl`; a line that was cut off is left out."""
    found = []
    with contextlib.suppress(OSError):
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValidationError):
                found.append(Row.model_validate_json(line))
    return found
