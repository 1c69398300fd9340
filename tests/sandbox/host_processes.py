"""Looking for processes on the host."""

from __future__ import annotations

import time
from pathlib import Path


def with_word(word: str) -> list[int]:
    """The ids of processes of the whole machine that have `word` in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if word.encode() in (entry / "cmdline").read_bytes():
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
