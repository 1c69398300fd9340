"""What is running on this machine, by process: who descends from whom, and who belongs to a run."""

from __future__ import annotations

import time
from pathlib import Path


def stat_of(pid: int) -> tuple[str, int, str] | None:
    """State, parent and start time; None when there is no such process. Source: proc_pid_stat(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), fields[19]


def running() -> dict[int, tuple[int, str]]:
    """Every process that is not a zombie: pid to parent and start time."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        stat = stat_of(int(path.name))
        if stat is not None and stat[0] not in "ZX":
            found[int(path.name)] = stat[1:]
    return found


def family(pid: int) -> dict[int, str]:
    """A process and all that descend from it: pid to start time, which together name one process for ever."""
    everybody = running()
    found = {pid: everybody[pid][1]} if pid in everybody else {}
    while (
        more := {child: start for child, (parent, start) in everybody.items() if parent in found}.items()
        - found.items()
    ):
        found.update(more)
    return found


def belonging_to(word: str) -> list[int]:
    """Processes whose command line, environment or working folder names `word`."""
    found = []
    for pid in running():
        base = Path(f"/proc/{pid}")
        try:
            texts = [(base / "cmdline").read_bytes(), (base / "environ").read_bytes()]
            texts.append(str((base / "cwd").readlink()).encode())
        except OSError:
            continue  # gone meanwhile
        if any(word.encode() in text for text in texts):
            found.append(pid)
    return found


def left_of(before: dict[int, str], word: str) -> list[str]:
    """Who of `before`, or of those that belong to `word`, still runs; each with its command line."""
    everybody = running()
    alive = {pid for pid, start in before.items() if pid in everybody and everybody[pid][1] == start}
    lines = []
    for pid in sorted(alive | set(belonging_to(word))):
        try:
            lines.append(f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes().replace(bytes(1), b' ').decode()}")
        except OSError:
            continue
    return lines


def wait_until(condition: object, seconds: float, what: str) -> None:
    """Look until `condition()` holds; a test's own patience, no part of the product waits like this."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)
