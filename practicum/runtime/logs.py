"""Where a run's own parts log: configured when something is about to log. Runs of code alone never do."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TextIO, cast

_path: Path | None = None


class LogFile(io.TextIOBase):
    """What a run's own parts log, kept with the run and not mixed into what it prints; a full disk loses it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(text)
        return len(text)


def log_to(path: Path) -> None:
    """From now on, what the parts of this process log goes into this file."""
    global _path
    _path = path


def begin_logging() -> None:
    """Something that logs is about to start."""
    if _path is not None:
        import structlog

        structlog.configure(logger_factory=structlog.PrintLoggerFactory(cast(TextIO, LogFile(_path))))
