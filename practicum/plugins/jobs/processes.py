"""Which process is meant by a pid: the kernel gives the same number again."""

from __future__ import annotations

from pathlib import Path


def started(pid: int) -> int:
    """When the process began, in clock ticks since boot (proc(5), field 22 of `stat`); 0 when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    after = stat.rpartition(")")[2].split()
    return 0 if after[0] == "Z" else int(after[19])


def lives(pid: int, began: int) -> bool:
    """Whether the process that began then is still there."""
    return bool(began) and started(pid) == began
