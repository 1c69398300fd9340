"""Reading a trajectory as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from practicum.trajectory.reader import Recorded, Trajectory

_LOOK_AGAIN_MS = 2000
"""When a launcher is killed nothing is written any more: look at its state at least this often."""


def follow(folder: Path, over: Callable[[], bool]) -> Iterator[Recorded]:
    """Every event of a run's folder, those to come as well, until `over` and nothing is left to read.

    The kernel tells of changes (inotify, through watchfiles); the file is not polled.
    """
    from watchfiles import watch

    number, position = 0, 0
    changes = watch(folder, recursive=False, debounce=30, step=10, rust_timeout=_LOOK_AGAIN_MS, yield_on_timeout=True)
    while True:
        ended = over()
        if (folder / "trajectory.jsonl").is_file():
            trajectory = Trajectory(folder)
            with trajectory.file.open("rb") as file:
                file.seek(position)
                for raw in file:
                    if not raw.endswith(b"\n"):
                        break
                    number, position = number + 1, position + len(raw)
                    yield trajectory.decode(number, raw)
        if ended:
            return
        next(changes)
