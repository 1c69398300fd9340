"""Looking for processes on the host."""

from __future__ import annotations

import re
import time
from pathlib import Path


def with_text(text: str) -> list[int]:
    """The ids of processes of the whole machine that have `text` anywhere in their command line."""
    return _of_command_line(re.compile(re.escape(text.encode())))


def with_word(word: str) -> list[int]:
    """Those that have it as a word of its own.

    Names of containers are long random numbers, in which any short one turns up now and then.
    """
    return _of_command_line(re.compile(rb"(?<![0-9A-Za-z])" + re.escape(word.encode()) + rb"(?![0-9A-Za-z])"))


def _of_command_line(pattern: re.Pattern[bytes]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if pattern.search((entry / "cmdline").read_bytes()):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_until_gone(word: str, seconds: float) -> list[int]:
    """Those that are left when all are gone, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while (left := with_word(word)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def wait_for(word: str, count: int, seconds: float = 40) -> None:
    """Wait until so many of them run."""
    deadline = time.monotonic() + seconds
    while len(found := with_word(word)) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} run"
        time.sleep(0.01)
